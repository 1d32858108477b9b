import type { Pod } from '../../../src/model/kubernetes.ts';
import { anAgentPod } from '../../support/healthy.ts';

/**
 * An agent pod whose init container `config` ends again and again with an error of Go's HTTP client, as Cilium logs it.
 */
export const waitingForApi = (node: string, endpoint: string, error: string): Pod =>
  anAgentPod(node, {
    phase: 'Pending',
    initContainerStatuses: [
      {
        name: 'config',
        ready: false,
        restartCount: 7,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container=config' } },
        lastState: {
          terminated: {
            exitCode: 1,
            reason: 'Error',
            message: [
              `time=2026-11-21T08:00:01.100Z level=info msg="Establishing connection to apiserver" module=k8s-client ipAddr=https://${endpoint}`,
              String.raw`time=2026-11-21T08:01:01.200Z level=error msg="Unable to contact k8s api-server" module=k8s-client ipAddr=https://${endpoint} error="Get \"https://${endpoint}/api/v1/namespaces/kube-system\": ${error}"`,
              String.raw`time=2026-11-21T08:01:01.300Z level=error msg="Start hook failed" error="Get \"https://${endpoint}/api/v1/namespaces/kube-system\": ${error}"`,
              '',
            ].join('\n'),
          },
        },
      },
    ],
    containerStatuses: [{ name: 'cilium-agent', ready: false, state: { waiting: { reason: 'PodInitializing' } } }],
  });
