import { defineProblem } from '../../../src/core/Problem.ts';

const message =
  'Known defect of Cilium {{version}}, {{reference}}: {{whatGoesWrong}}; here {{whatIsHere}}. {{symptom}}';
const brief = 'known defect {{reference}} of Cilium {{version}} is met';
const upgrade = { decision: true, text: 'Upgrade Cilium to {{repairedIn}} or later', where: 'workstation' } as const;
const avoid = { decision: true, text: '{{workaround}}', where: 'workstation' } as const;
const check = 'kubectl kpr doctor --check no-known-defect';

export const kpr1012 = defineProblem({
  code: 'KPR1012',
  severity: 'warning',
  harm: 'trap',
  layer: 'agent',
  title: 'This Cilium version has a known defect that this configuration meets',
  brief: 'known defects of Cilium are met',
  symptom: 'It depends on the defect; the finding says which, and what it meets here.',
  cause:
    'Releases have faults that are found and repaired later. docs/known-defects.md lists those that concern Services: which releases of which branch have them, what brings them about, and what helps. A defect is named only where the version has it and what brings it about is here.',
  confirm: 'Read the issue or pull request that the finding names.',
  variants: {
    upgrade: { brief, message, remedy: { steps: [upgrade], check } },
    upgradeOrAvoid: {
      brief,
      message,
      remedy: { steps: [upgrade], check },
      alternatives: [{ title: 'until you can upgrade', steps: [avoid], check }],
    },
    avoid: { brief, message, remedy: { steps: [avoid], check } },
  },
});
