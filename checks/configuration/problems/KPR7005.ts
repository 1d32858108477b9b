import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr7005 = defineProblem({
  code: 'KPR7005',
  severity: 'error',
  harm: 'trap',
  layer: 'api',
  title: 'An upgrade reuses old values or skips minor versions',
  brief: 'the upgrade skips minor versions',
  symptom:
    'Agents of the new version do not start, or take over only a part of the state of the old ones; going back is not tried by anybody either.',
  cause:
    'Cilium is upgraded one minor version after the other: only such a step is tested, and what a version does for those before it (state, options, objects of the API) it does for one.',
  confirm: 'kubectl -n kube-system get daemonset cilium -o jsonpath={.spec.template.spec.containers[0].image}.',
  variants: {
    skips: {
      message: 'From {{now}} to {{to}} minor versions are skipped: the next is {{next}}',
      remedy: {
        steps: [
          {
            text: 'Go to the next minor version first, and on from there',
            command: 'kubectl kpr preflight --change upgrade --to-version {{next}}',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr preflight --change upgrade --to-version {{to}} --check versions-follow',
      },
    },
  },
});
