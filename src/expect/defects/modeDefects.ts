import { isAtLeast } from '../../knowledge/version.ts';
import type { ModuleHealth } from '../../model/NodeFacts.ts';
import type { Service } from '../../model/kubernetes.ts';
import {
  aboutNode,
  aboutServices,
  hasNodePort,
  leadsToProxy,
  leavesPodsSocketsAlone,
  replacesKubeProxy,
  servicesThat,
  servesNodePorts,
  usesDsr,
} from './conditions.ts';
import { type Defect, defineDefect } from './Defect.ts';
import type { Scene } from './Scene.ts';

const exposed = servicesThat(hasNodePort);

const algorithmByAnnotation = defineDefect({
  reference: '#40845',
  also: ['#39037'],
  affects: { '1.17': { fixed: '1.17.7' } },
  title: 'where the algorithm may be chosen by annotation, Services are not served after a restart of the agent',
  meets: 'bpf-lb-algorithm-annotation is true',
  symptom: 'No Service works on nodes whose agent was restarted, although the agent lists them all.',
  workaround: 'Switch bpf.lbAlgorithmAnnotation off',
  harm: 'now',
  reads: ['settings'],
  explains: ['frontendMissing', 'backendsMissing', 'damaged'],
  condition: ({ settings }) =>
    settings.algorithmAnnotation.value && servesNodePorts(settings)
      ? { ...aboutNode('bpf-lb-algorithm-annotation is true'), objects: 'all' }
      : undefined,
});

const dsrToOwnNode = defineDefect({
  reference: '#41963',
  affects: {
    '1.16': { fixed: 'never' },
    '1.17': { fixed: 'never' },
    '1.18': { fixed: 'never' },
    '1.19': { fixed: '1.19.3' },
  },
  title: 'with DSR a pod does not reach a NodePort of another node when the backend runs on its own node',
  meets: 'bpf-lb-mode is dsr or hybrid, socket load balancing leaves pods out, and Services have NodePorts',
  symptom: 'From some pods a NodePort at another node’s address times out, depending on which backend is chosen.',
  workaround: 'Let pods use the ClusterIP or name of the Service',
  harm: 'trap',
  reads: ['settings', 'services'],
  condition: ({ settings, services }) =>
    servesNodePorts(settings) && usesDsr(settings) && leavesPodsSocketsAlone(settings)
      ? aboutServices(exposed(services), 'has a NodePort')
      : undefined,
});

const usesDsrPorts = ({ settings, services }: Pick<Scene, 'settings' | 'services'>): readonly Service[] =>
  servesNodePorts(settings) && usesDsr(settings) ? exposed(services) : [];

const dsrLeftovers = defineDefect({
  reference: '#47593',
  affects: { '1.20': { fixed: '1.20.1' } },
  title:
    'after a connection through a DSR Service a direct one to the same pod may get the Service’s address in answers',
  meets: 'bpf-lb-mode is dsr or hybrid, and Services have NodePorts',
  symptom: 'TCP connections straight to a pod fail now and then where the client reaches its Service, too.',
  workaround: undefined,
  harm: 'trap',
  reads: ['settings', 'services'],
  condition: (scene) => aboutServices(usesDsrPorts(scene), 'served with DSR'),
});

const dsrFragments = defineDefect({
  reference: '#47640',
  affects: { '1.20': { fixed: '1.20.1' } },
  title: 'fragments of packets to DSR Services are taken for TCP headers',
  meets: 'bpf-lb-mode is dsr or hybrid, and Services have NodePorts',
  symptom: 'Large packets to a Service are lost where the network fragments them.',
  workaround: undefined,
  harm: 'trap',
  reads: ['settings', 'services'],
  condition: (scene) => aboutServices(usesDsrPorts(scene), 'served with DSR'),
});

const dsrPathMtu = defineDefect({
  reference: '#48053',
  affects: { '1.20': { fixed: '1.20.2' } },
  title: 'path MTU messages about DSR requests come from a wrong address',
  meets: 'enable-pmtu-discovery is true, and bpf-lb-mode is dsr or hybrid with dispatch opt or geneve',
  symptom: 'Clients ignore that their packets are too large: uploads to a Service hang.',
  workaround: 'Lower the MTU of the clients or of the nodes’ devices',
  harm: 'trap',
  reads: ['settings', 'services'],
  condition: (scene) =>
    scene.settings.pathMtuDiscovery.value && ['opt', 'geneve'].includes(scene.settings.dsrDispatch.value)
      ? aboutServices(usesDsrPorts(scene), 'served with DSR, with enable-pmtu-discovery')
      : undefined,
});

const healthPanics = defineDefect({
  reference: '#40590',
  affects: { '1.17': { from: '1.17.6', fixed: '1.17.7' } },
  title: 'the agent ends when it is asked for kube-proxy’s health',
  meets: 'kube-proxy-replacement-healthz-bind-address is set',
  symptom: 'Agents restart again and again, as often as a load balancer asks for /healthz.',
  workaround: 'Leave kubeProxyReplacementHealthzBindAddr empty until the upgrade',
  harm: 'now',
  reads: ['settings'],
  condition: ({ settings }) =>
    replacesKubeProxy(settings) && settings.healthzBindAddress.value !== ''
      ? aboutNode(`kube-proxy-replacement-healthz-bind-address is ${settings.healthzBindAddress.value}`)
      : undefined,
});

const l7WithoutFlag = defineDefect({
  reference: '#35623',
  affects: { '1.16': { fixed: '1.16.4' } },
  title: 'loadBalancer.l7.backend has no effect: the agent does not know the option',
  meets: 'loadbalancer-l7 is envoy',
  symptom: 'Services with the annotation service.cilium.io/lb-l7 are balanced by connection, not by request.',
  workaround: undefined,
  harm: 'trap',
  reads: ['settings'],
  condition: ({ settings }) =>
    settings.loadBalancerL7.value === 'envoy' ? aboutNode('loadbalancer-l7 is envoy') : undefined,
});

const proxied = servicesThat(leadsToProxy);
const healthChecked = servicesThat(
  (service) => leadsToProxy(service) && (service.spec?.healthCheckNodePort ?? 0) !== 0,
);

const proxyHealth = defineDefect({
  reference: '#44286',
  affects: { '1.18': { fixed: '1.18.8' }, '1.19': { fixed: '1.19.2' } },
  title: 'the health check port of a Gateway’s or Ingress’s Service keeps its first answer',
  meets: 'a Service that leads to the L7 proxy has a healthCheckNodePort',
  symptom: 'The cloud’s load balancer takes nodes out that serve the Gateway.',
  workaround: 'Restart the agents, or use externalTrafficPolicy Cluster',
  harm: 'trap',
  reads: ['services'],
  condition: ({ services }) =>
    aboutServices(healthChecked(services), 'leads to the L7 proxy and has a healthCheckNodePort'),
});

const proxyPorts = defineDefect({
  reference: '#45949',
  affects: { '1.19': { fixed: '1.19.6' } },
  title: 'of several ports of a Service that lead to the L7 proxy, one loses its redirect',
  meets: 'some rows of a Gateway’s or Ingress’s Service do not lead to the proxy',
  symptom: 'One listener of the Gateway is refused while others work.',
  workaround: 'Give each listener a Gateway of its own',
  harm: 'now',
  reads: ['services', 'table'],
  condition: ({ services, table }) =>
    aboutServices(partlyRedirected(services, table), 'one of its ports does not lead to the L7 proxy'),
});

function partlyRedirected(services: readonly Service[], table: Scene['table']): readonly Service[] {
  return proxied(services).filter(({ spec }) => {
    const addresses = new Set(spec?.clusterIPs);
    const redirected = new Set(
      [...table.frontends.values()]
        .filter(({ address, flags }) => addresses.has(address) && flags.names.has('l7-load-balancer'))
        .map(({ port }) => port),
    );
    return redirected.size > 0 && (spec?.ports ?? []).some(({ port }) => !redirected.has(port));
  });
}

const newKernel = defineDefect({
  reference: '#48016',
  affects: {
    '1.16': { fixed: 'never' },
    '1.17': { fixed: 'never' },
    '1.18': { fixed: 'never' },
    '1.19': { fixed: 'never' },
    '1.20': { fixed: '1.20.2' },
  },
  title: 'agents do not start with a kernel from 7.2 on',
  meets: 'the kernel is 7.2 or newer, and the agent is not ready',
  symptom: 'The agent ends with “failed to probe helper … FnSetRetval”.',
  workaround: 'Boot the node with a kernel before 7.2',
  harm: 'now',
  reads: ['kernel', 'agent'],
  condition: ({ kernel, agent }) =>
    !agent.isReady && isAtLeast(kernel, '7.2.0')
      ? aboutNode(`kernel ${kernel.version}, and the agent is not ready`)
      : undefined,
});

const withoutBtf = defineDefect({
  reference: '#48778',
  affects: { '1.20': { from: '1.20.2', fixed: 'never' } },
  title: 'socket programs do not load where the kernel has no BTF',
  meets: 'the agent says that it found no BTF for the kernel',
  symptom: 'The agent never finishes its datapath, and pods do not start on the node.',
  workaround: 'Go back to 1.20.1, or use a kernel with CONFIG_DEBUG_INFO_BTF',
  harm: 'now',
  reads: ['health'],
  condition: ({ health }) => saidBy(health, /no BTF found for kernel/, 'the kernel has no BTF'),
});

function saidBy(health: readonly ModuleHealth[], words: RegExp, here: string) {
  const said = health.find(({ level, message, error }) => level === 'Degraded' && words.test(`${message} ${error}`));
  return said && aboutNode(`${said.module}: ${here}`);
}

const oldKernelsIPv6 = defineDefect({
  reference: '#47765',
  affects: { '1.19': { fixed: '1.19.7' }, '1.20': { fixed: '1.20.1' } },
  title: 'kernels before 5.12 refuse the datapath of nodes with IPv6',
  meets: 'enable-ipv6 is true, the kernel is older than 5.12, and the agent’s datapath is degraded',
  symptom: 'The agent does not finish its datapath: the verifier rejects a program.',
  workaround: 'Use a kernel from 5.12 on',
  harm: 'now',
  reads: ['settings', 'kernel', 'health'],
  condition: ({ settings, kernel, health }) =>
    settings.ipv6.value && !isAtLeast(kernel, '5.12.0')
      ? saidBy(health, /verifier|load program/i, `kernel ${kernel.version} refuses a program`)
      : undefined,
});

export const modeDefects: readonly Defect[] = [
  algorithmByAnnotation,
  dsrToOwnNode,
  dsrLeftovers,
  dsrFragments,
  dsrPathMtu,
  healthPanics,
  l7WithoutFlag,
  proxyHealth,
  proxyPorts,
  newKernel,
  withoutBtf,
  oldKernelsIPv6,
];
