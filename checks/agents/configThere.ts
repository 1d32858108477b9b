import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, pass } from '../../src/core/Outcome.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { kpr1005 } from './problems/KPR1005.ts';

/** What runs has read it; what starts without it knows no setting, and takes the defaults. */
export const configThere = defineCheck({
  id: 'config-there',
  title: 'The ConfigMap that agents read when they start is there',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1005],
  optional: { cluster: ['ciliumConfig'] },
  run({ cluster: { ciliumConfig }, nodes, evidence }) {
    if (isKnown(ciliumConfig)) return pass;
    if (nodes.every(({ agent }) => agent === undefined)) return notApplicable('there is no agent that would read it');
    if (ciliumConfig.missing !== 'absent') return inconclusive(ciliumConfig);
    return finding(kpr1005, 'configGone', {}, { evidence: [evidence('ciliumConfig', ciliumConfig.detail)] });
  },
});
