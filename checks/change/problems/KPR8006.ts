import { defineProblem } from '../../../src/core/Problem.ts';

const capture = {
  text: 'Capture the cluster as it is, while kube-proxy serves every node',
  command: 'kubectl kpr capture -o before.kpr',
  where: 'workstation',
} as const;

const again = 'kubectl kpr preflight --against before.kpr';

export const kpr8006 = defineProblem({
  code: 'KPR8006',
  severity: 'error',
  harm: 'trap',
  title: 'No way back is prepared',
  brief: 'no way back is prepared',
  symptom: 'Nothing today. When something is missing after the change, nobody can say what was there before.',
  cause:
    'kube-proxy’s rules are gone with it: which Service reached which backends, and what its DaemonSet and ConfigMap said, is known only to those who wrote it down before.',
  confirm: 'kubectl kpr diff before.kpr shows what a capture holds, and what changed since.',
  variants: {
    none: {
      message:
        'No capture from before the change is at hand (--against FILE): afterwards nobody can prove what is lost',
      remedy: { steps: [capture], check: again },
    },
    incomplete: {
      message:
        'The capture {{file}} shows for {{served}} of {{all}} nodes how kube-proxy served there: the others cannot be compared afterwards',
      remedy: {
        steps: [
          {
            ...capture,
            text: 'Capture once more while kube-proxy serves every node; where it no longer does, a capture from that time is needed',
            command: 'kubectl kpr capture --overwrite -o before.kpr',
          },
        ],
        check: again,
      },
    },
    advised: {
      severity: 'warning',
      message: 'No capture from before the change is at hand (--against FILE)',
      remedy: { steps: [{ ...capture, text: 'Capture the cluster as it is' }], check: again },
    },
  },
});
