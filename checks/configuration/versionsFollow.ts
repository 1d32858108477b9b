import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, pass } from '../../src/core/Outcome.ts';
import { clusterVersion } from '../../src/expect/agent/agentVersion.ts';
import { parseVersion } from '../../src/knowledge/version.ts';
import { missing } from '../../src/model/Fact.ts';
import { kpr7005 } from './problems/KPR7005.ts';

/** Only steps of one minor version are tried by Cilium's maintainers (Documentation/operations/upgrade.rst). */
export const versionsFollow = defineCheck({
  id: 'versions-follow',
  title: 'The upgrade skips no minor version',
  phases: ['preflight'],
  raises: [kpr7005],
  optional: { cluster: ['daemonSets'], node: ['status'] },
  run({ frame, nodes, cluster }) {
    const to = parseVersion(frame.intent?.toVersion);
    if (frame.intent?.change !== 'upgrade' || to === undefined) return notApplicable('no upgrade is planned');
    const now = clusterVersion({ nodes, facts: cluster, cilium: frame.cilium });
    if (now === undefined) return inconclusive(missing('absent', 'neither an agent nor its image tells the version'));
    if (to.major === now.major && to.minor <= now.minor + 1) return pass;
    const next = `${now.major}.${now.minor + 1}`;
    return finding(kpr7005, 'skips', { now: now.version, to: to.version, next });
  },
});
