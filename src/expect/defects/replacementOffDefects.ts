import { aboutNode, aboutServices, isBalanced, servesNodePorts, servicesThat } from './conditions.ts';
import { type Defect, defineDefect } from './Defect.ts';

const balanced = servicesThat(isBalanced);

const takesVirtualAddresses = defineDefect({
  reference: '#47204',
  also: ['#45252'],
  affects: { '1.19': { fixed: '1.19.7' } },
  title: 'with kube-proxy replacement off Cilium takes the traffic of LoadBalancer addresses all the same',
  meets: 'kubeProxyReplacement is off, and Services of type LoadBalancer have an address',
  symptom:
    'From pods, policies for the address no longer match, and with externalTrafficPolicy Local connections fail on nodes without a backend.',
  workaround:
    'Annotate the Services with service.cilium.io/type: ClusterIP, which leaves their addresses to kube-proxy',
  harm: 'trap',
  reads: ['settings', 'services'],
  explains: ['frontendOrphan'],
  condition: ({ settings, services }) =>
    servesNodePorts(settings)
      ? undefined
      : aboutServices(balanced(services), 'its LoadBalancer address is taken from kube-proxy'),
});

const unreachableThroughTunnel = defineDefect({
  reference: '#48178',
  affects: { '1.19': { from: '1.19.7', fixed: 'never' } },
  title: 'with kube-proxy replacement off and tunnel routing pods do not reach LoadBalancer addresses',
  meets: 'kubeProxyReplacement is off, routing-mode is tunnel, and Services of type LoadBalancer have an address',
  symptom: 'From a pod, connections to the address time out when the backend runs on another node.',
  workaround: 'Let pods use the ClusterIP or name of the Service instead of its LoadBalancer address',
  harm: 'trap',
  reads: ['settings', 'services'],
  condition: ({ settings, services }) =>
    servesNodePorts(settings) || settings.routingMode.value !== 'tunnel'
      ? undefined
      : aboutServices(balanced(services), 'has a LoadBalancer address, which pods may not reach'),
});

const detachesForeignPrograms = defineDefect({
  reference: '#44066',
  also: ['#43877'],
  affects: {
    '1.16': { fixed: 'never' },
    '1.17': { fixed: 'never' },
    '1.18': { fixed: 'never' },
    '1.19': { fixed: 'never' },
  },
  title: 'an agent that is to do without socket load balancing stops at programs of others in the root cgroup',
  meets: 'the agent says that it cannot detach a program from the cgroup',
  symptom: 'The agent never finishes its datapath: pods do not start, and Services are not updated.',
  workaround: 'Take the other program off the root cgroup until the agent has started, or switch socketLB.enabled on',
  harm: 'now',
  reads: ['health'],
  condition({ health }) {
    const said = health.find(
      ({ level, message, error }) => level === 'Degraded' && /detach program/.test(`${message} ${error}`),
    );
    return said && aboutNode(`${said.module} cannot detach a program that is not Cilium’s`);
  },
});

export const replacementOffDefects: readonly Defect[] = [
  takesVirtualAddresses,
  unreachableThroughTunnel,
  detachesForeignPrograms,
];
