import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent, restartAll } from './steps.ts';

const hostOnly = {
  text: 'Let socket load balancing act in the host’s namespace alone; Services are then translated at the pods’ interfaces',
  sets: { key: 'bpf-lb-sock-hostns-only', value: 'true', helm: 'socketLB.hostNamespaceOnly=true' },
  where: 'workstation',
} as const;

const check = 'kubectl kpr doctor --check socket-lb-scope';

export const kpr1016 = defineProblem({
  code: 'KPR1016',
  severity: 'warning',
  harm: 'now',
  layer: 'api',
  title: 'The scope of socket load balancing conflicts with a mesh, a VM runtime or kernel storage clients',
  brief: 'socket load balancing conflicts with a mesh or a VM runtime',
  symptom:
    'A mesh does not encrypt, route or count what it should. Guests with a kernel of their own reach pods and the internet, but no Service, not even DNS.',
  cause:
    'With full scope the address of a Service is replaced when a program connects. A sidecar then sees the address of a pod instead of the Service’s; a guest’s kernel connects out of reach, and what would translate its packets at the interface is off.',
  confirm:
    'cilium-dbg status --verbose says Socket LB Coverage: Full; pods have a container istio-proxy or linkerd-proxy, a runtimeClassName, or the label kubevirt.io=virt-launcher.',
  variants: {
    mesh: {
      message: 'Socket load balancing translates for pods of {{what}} before their mesh sees the Service ({{pods}})',
      remedy: { steps: [hostOnly, restartAgent, restartAll], check },
    },
    guest: {
      severity: 'error',
      message:
        'Socket load balancing does not reach into guests of {{what}}, and nothing else translates for them ({{pods}})',
      remedy: { steps: [hostOnly, restartAgent, restartAll], check },
    },
  },
});
