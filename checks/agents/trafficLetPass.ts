import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { type FilterCause, filterCauses } from '../../src/expect/host/filterCauses.ts';
import type { CauseOf } from '../../src/expect/host/HostCause.ts';
import { hostOutcome } from './hostOutcome.ts';
import { kpr1018 } from './problems/KPR1018.ts';

export const trafficLetPass = defineCheck({
  id: 'traffic-let-pass',
  title: 'No rule, policy or program of others drops what carries pods before Cilium sees it',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1018],
  uses: [filterCauses],
  run: ({ nodes }) => hostOutcome(nodes, (node) => node.derived(filterCauses), findingOf),
});

function findingOf(node: string, cause: CauseOf<FilterCause>): Finding<'KPR1018'> {
  // What has dropped nothing so far has not been met yet, or by less than is looked at here.
  const weight = cause.isIdle === true ? ({ severity: 'warning', harm: 'trap' } as const) : {};
  const about = { nodes: [node], evidence: [cause.evidence], ...weight };
  switch (cause.kind) {
    case 'rule':
      return finding(kpr1018, cause.kind, cause.params, about);
    case 'policy':
      return finding(kpr1018, cause.kind, cause.params, about);
    case 'program':
      return finding(kpr1018, cause.kind, cause.params, about);
  }
}
