import { defineCheck } from '../../src/core/Check.ts';
import { kernelCauses } from '../../src/expect/host/kernelCauses.ts';
import { hostFinding } from './hostFinding.ts';
import { hostOutcome } from './hostOutcome.ts';
import { kpr1019 } from './problems/KPR1019.ts';

export const kernelLetsPass = defineCheck({
  id: 'kernel-lets-pass',
  title: 'The kernel forwards packets of pods, and its reverse path filter lets them pass',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1019],
  uses: [kernelCauses],
  run: ({ nodes }) => hostOutcome(nodes, (node) => node.derived(kernelCauses), hostFinding),
});
