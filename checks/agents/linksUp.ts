import { defineCheck } from '../../src/core/Check.ts';
import { linkCauses } from '../../src/expect/host/linkCauses.ts';
import { hostFinding } from './hostFinding.ts';
import { hostOutcome } from './hostOutcome.ts';
import { kpr1019 } from './problems/KPR1019.ts';

export const linksUp = defineCheck({
  id: 'links-up',
  title: 'Links that Cilium made, and devices on which it serves, are up',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1019],
  uses: [linkCauses],
  run: ({ nodes }) => hostOutcome(nodes, (node) => node.derived(linkCauses), hostFinding),
});
