import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr9004 = defineProblem({
  code: 'KPR9004',
  severity: 'info',
  harm: 'note',
  title: 'Cilium’s version is outside the range that this tool knows',
  brief: 'Cilium’s version is not known here',
  symptom: 'Some checks may be unknown or may misjudge details.',
  cause: 'Rules, defaults and outputs differ between versions of Cilium; this tool knows those of 1.16 to 1.20.',
  confirm: 'kubectl exec in an agent: cilium-dbg version.',
  variants: {
    older: {
      message: 'Cilium {{version}} is older than 1.16, the oldest version that is known here',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Take findings as hints, and confirm each by its evidence before you act',
            where: 'workstation',
          },
        ],
      },
    },
    newer: {
      message: 'Cilium {{version}} is newer than 1.20, the newest version that is known here',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Look for a newer version of this tool; until then confirm each finding by its evidence before you act',
            where: 'workstation',
          },
        ],
      },
    },
  },
});
