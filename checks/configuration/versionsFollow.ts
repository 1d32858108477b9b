import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, pass } from '../../src/core/Outcome.ts';
import { parseVersion, skippedMinors } from '../../src/knowledge/version.ts';
import { missing } from '../../src/model/Fact.ts';
import { kpr7005 } from './problems/KPR7005.ts';

/** Where the cluster as a whole would skip one, there is nothing to judge: that is refused before. */
export const versionsFollow = defineCheck({
  id: 'versions-follow',
  title: 'No agent skips a minor version in the upgrade',
  phases: ['preflight'],
  raises: [kpr7005],
  requires: { node: ['status'] },
  run({ frame, nodes }) {
    const to = parseVersion(frame.intent?.toVersion);
    if (frame.intent?.change !== 'upgrade' || to === undefined) return notApplicable('no upgrade is planned');
    return forEachNode(nodes, ({ name, facts, evidence }) => {
      const now = parseVersion(facts.status.version);
      if (now === undefined) return inconclusive(missing('unparsed', 'no version in the agent’s status'));
      const skipped = skippedMinors(now, to);
      if (skipped.length === 0) return pass;
      const about = { nodes: [name], evidence: [evidence('status', `version ${now.version}`)] };
      return finding(kpr7005, 'skips', { now: now.version, to: to.version, skipped: skipped.join(' and ') }, about);
    });
  },
});
