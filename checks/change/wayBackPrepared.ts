import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { notApplicable, pass } from '../../src/core/Outcome.ts';
import { kpr8006 } from './problems/KPR8006.ts';

/** Without a picture of how kube-proxy served, nobody can tell afterwards what is missing. */
export const wayBackPrepared = defineCheck({
  id: 'way-back-prepared',
  title: 'A capture from before the change is at hand, and tells how Services were served',
  phases: ['preflight'],
  raises: [kpr8006],
  run({ frame: { intent } }) {
    if (intent === undefined) return notApplicable('no change is planned');
    const { change, capture } = intent;
    const needsRules = change === 'enable' || change === 'remove-kube-proxy';
    if (capture === undefined) return finding(kpr8006, needsRules ? 'none' : 'advised', {});
    const { file, nodes } = capture;
    if (!needsRules || (nodes.served === nodes.all && nodes.all > 0)) return pass;
    return finding(kpr8006, 'incomplete', { file, served: nodes.served, all: nodes.all });
  },
});
