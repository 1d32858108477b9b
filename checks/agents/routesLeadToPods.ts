import { defineCheck } from '../../src/core/Check.ts';
import { routeCauses } from '../../src/expect/host/routeCauses.ts';
import { hostFinding } from './hostFinding.ts';
import { hostOutcome } from './hostOutcome.ts';
import { kpr1019 } from './problems/KPR1019.ts';

export const routesLeadToPods = defineCheck({
  id: 'routes-lead-to-pods',
  title: 'Routes lead to the pods of this node and of others',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1019],
  uses: [routeCauses],
  run: ({ nodes }) => hostOutcome(nodes, (node) => node.derived(routeCauses), hostFinding),
});
