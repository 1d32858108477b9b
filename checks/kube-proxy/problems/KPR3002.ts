import { defineProblem } from '../../../src/core/Problem.ts';
import { deleteConfigMap, deleteDaemonSet, restoreDaemonSet, saveObjects } from './steps.ts';

const disableInKubeadm = {
  decision: true,
  text: 'Tell kubeadm permanently: in ClusterConfiguration set proxy: {disabled: true}',
  command: 'kubectl -n kube-system edit configmap kubeadm-config',
  where: 'workstation',
} as const;

const restoreConfigMap = 'kubectl apply -f kube-proxy-configmap.yaml';

export const kpr3002 = defineProblem({
  code: 'KPR3002',
  severity: 'warning',
  harm: 'trap',
  title: 'Something is left that brings kube-proxy back',
  brief: 'something is left that brings kube-proxy back',
  symptom: 'Nothing today. Weeks later, after an upgrade, kube-proxy is back on every node.',
  cause:
    'Installers look for signs that kube-proxy is wanted: kubeadm up to 1.31 at the ConfigMap kube-system/kube-proxy, from 1.32 on at proxy.disabled of its ClusterConfiguration. A DaemonSet that was only parked runs again as soon as its node selector matches.',
  confirm:
    'kubectl -n kube-system get configmap kube-proxy; kubectl -n kube-system get configmap kubeadm-config -o yaml.',
  variants: {
    configMap: {
      message: 'ConfigMap kube-system/kube-proxy is still there: the next kubeadm upgrade brings kube-proxy back',
      remedy: {
        steps: [deleteConfigMap],
        check: 'kubectl kpr doctor --check kube-proxy-stays-away',
        undo: restoreConfigMap,
      },
    },
    kubeadmConfig: {
      message:
        'kubeadm’s configuration does not say proxy.disabled: kubeadm upgrade to 1.32 or later brings kube-proxy back',
      remedy: {
        steps: [disableInKubeadm],
        check: 'kubectl kpr doctor --check kube-proxy-stays-away',
      },
      alternatives: [
        {
          title: 'leave the phase out at every upgrade',
          steps: [
            {
              decision: true,
              text: 'Upgrade without it (VERSION: the one to go to)',
              command: 'kubeadm upgrade apply VERSION --skip-phases=addon/kube-proxy',
              where: 'controlPlane',
            },
          ],
        },
      ],
    },
    configMapAndKubeadmConfig: {
      message:
        'ConfigMap kube-system/kube-proxy is still there, and kubeadm’s configuration does not say proxy.disabled: the next kubeadm upgrade brings kube-proxy back',
      remedy: {
        steps: [deleteConfigMap, disableInKubeadm],
        check: 'kubectl kpr doctor --check kube-proxy-stays-away',
        undo: restoreConfigMap,
      },
    },
    configMapAlone: {
      message: 'ConfigMap kube-system/kube-proxy is left over: installers take it as a sign that kube-proxy is wanted',
      remedy: {
        steps: [deleteConfigMap],
        check: 'kubectl kpr doctor --check kube-proxy-stays-away',
        undo: restoreConfigMap,
      },
    },
    parked: {
      message:
        'DaemonSet {{what}} is only parked (node selector {{selector}}): it runs again as soon as somebody restores it',
      remedy: {
        steps: [saveObjects, { ...deleteDaemonSet, risk: 'none now: no pod of it runs' }, deleteConfigMap],
        check: 'kubectl kpr doctor --check kube-proxy-stays-away',
        undo: restoreDaemonSet,
      },
    },
  },
});
