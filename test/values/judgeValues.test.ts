import { describe, expect, test } from 'vitest';
import { type Branch, branches } from '../../src/knowledge/releases.ts';
import { judged, linesOf } from './support.ts';

/** With an API server, so that replacement alone is no doubt. */
const replaces = 'kubeProxyReplacement: true\nk8sServiceHost: api.example.net\nk8sServicePort: 6443\n';

describe.each(branches)('the chart of %s', (branch) => {
  test('takes nothing at all, and what is usual', async () => {
    expect(await linesOf('', branch)).toEqual([]);
    expect(await linesOf(`${replaces}ipam:\n  mode: kubernetes\nbpf:\n  masquerade: true\n`, branch)).toEqual([]);
  });

  test('gives the agents their configuration', async () => {
    const { config } = await judged(`${replaces}loadBalancer:\n  algorithm: maglev\n`, branch);
    expect(config.get('kube-proxy-replacement')).toBe('true');
    expect(config.get('bpf-lb-algorithm')).toBe('maglev');
  });

  test('takes quoted booleans where its schema does', async () => {
    expect(await linesOf(replaces.replace('true', '"true"'), branch)).toEqual([]);
  });

  test.each(['strict', 'disabled', 'partial', 'probe'])('refuses kubeProxyReplacement: %s', async (word) => {
    const right = word === 'strict' ? ' -> true' : word === 'disabled' ? ' -> false' : '';
    expect(await linesOf(replaces.replace('true', word), branch)).toEqual([
      `kubeProxyReplacement wrongValue, refused${right}`,
    ]);
  });
});

const severities = async (text: string) => (await judged(text)).verdicts.map(({ severity }) => severity);

describe('a key that has gone, or has another name', () => {
  test.each<[Branch, string, string]>([
    ['1.20', 'tunnel: geneve', 'tunnel renamed, refused -> routingMode: tunnel, tunnelProtocol: geneve'],
    ['1.16', 'masquerade: false', 'masquerade renamed -> enableIPv4Masquerade'],
    ['1.20', 'nativeRoutingCIDR: 10.0.0.0/8', 'nativeRoutingCIDR renamed -> ipv4NativeRoutingCIDR'],
    ['1.20', 'hostServices: {enabled: true}', 'hostServices renamed -> socketLB'],
    ['1.20', 'externalIPs: {enabled: true}', 'externalIPs removed'],
    ['1.20', 'nodePort: {enabled: true}', 'nodePort.enabled removed'],
    ['1.20', 'bgp: {enabled: true}', 'bgp removed -> bgpControlPlane'],
    ['1.20', 'containerRuntime: {integration: crio}', 'containerRuntime removed, refused'],
    ['1.18', 'ciliumEndpointSlice: {sliceMode: x}', 'ciliumEndpointSlice.sliceMode removed, refused'],
    [
      '1.18',
      'enableCiliumEndpointSlice: true',
      'enableCiliumEndpointSlice renamed, refused -> ciliumEndpointSlice.enabled',
    ],
    ['1.16', 'enableCiliumEndpointSlice: true', 'enableCiliumEndpointSlice deprecated -> ciliumEndpointSlice.enabled'],
    ['1.18', 'localRedirectPolicy: true', 'localRedirectPolicy deprecated -> localRedirectPolicies.enabled'],
    [
      '1.18',
      'ipam: {operator: {clusterPoolIPv4PodCIDR: 10.9.0.0/16}}',
      'ipam.operator.clusterPoolIPv4PodCIDR renamed, refused -> ipam.operator.clusterPoolIPv4PodCIDRList',
    ],
    [
      '1.19',
      'ipam: {operator: {clusterPoolIPv4PodCIDR: 10.9.0.0/16}}',
      'ipam.operator.clusterPoolIPv4PodCIDR renamed -> ipam.operator.clusterPoolIPv4PodCIDRList',
    ],
    [
      '1.19',
      'clustermesh: {enableMCSAPISupport: true}',
      'clustermesh.enableMCSAPISupport deprecated -> clustermesh.mcsapi.enabled',
    ],
    [
      '1.20',
      'clustermesh: {enableMCSAPISupport: true}',
      'clustermesh.enableMCSAPISupport renamed -> clustermesh.mcsapi.enabled',
    ],
    ['1.20', 'etcd: {image: {tag: v3}}', 'etcd.image removed'],
    ['1.20', 'encryption: {secretName: keys}', 'encryption.secretName renamed, refused -> encryption.ipsec.secretName'],
    ['1.20', "encryption: {interface: ''}", 'encryption.interface renamed -> encryption.ipsec.interface'],
    ['1.18', 'l2podAnnouncements: {interface: eth1}', ''],
    [
      '1.19',
      'l2podAnnouncements: {interface: eth1}',
      'l2podAnnouncements.interface renamed -> l2podAnnouncements.interfacePattern',
    ],
  ])('%s: %s', async (branch, text, line) => {
    expect(await linesOf(text, branch)).toEqual(line === '' ? [] : [line]);
  });

  test('what asked for what the chart does anyway is no error', async () => {
    expect(await severities('masquerade: true')).toEqual(['warning']);
    expect(await severities('masquerade: false')).toEqual(['error']);
    expect(await severities('nativeRoutingCIDR: ""')).toEqual(['warning']);
    expect(await severities('nativeRoutingCIDR: 10.0.0.0/8')).toEqual(['error']);
  });
});

describe('a key that the chart never had', () => {
  test.each([
    ['bpf: {masquarade: true}', 'bpf.masquarade unknown -> bpf.masquerade'],
    ['rolloutCiliumPods: true', 'rolloutCiliumPods unknown -> rollOutCiliumPods'],
    ['cgroup: {automount: {enabled: false}}', 'cgroup.automount unknown -> cgroup.autoMount'],
    ['hubble: {serviceMonitor: {enabled: true}}', 'hubble.serviceMonitor unknown -> hubble.metrics.serviceMonitor'],
    ['kubeProxyReplacementMode: false', 'kubeProxyReplacementMode renamed -> kubeProxyReplacement'],
    ['bpf: {hostRouting: true}', 'bpf.hostRouting unknown -> bpf.hostLegacyRouting'],
    ['enableNodePort: true', 'enableNodePort unknown -> kubeProxyReplacement'],
    ['enable-l7-proxy: true', 'enable-l7-proxy unknown -> l7Proxy'],
    ['gatewayApi: {enabled: false}', 'gatewayApi unknown -> gatewayAPI'],
    [
      'clusterPoolIPv4PodCIDRList: [10.0.0.0/8]',
      'clusterPoolIPv4PodCIDRList unknown -> ipam.operator.clusterPoolIPv4PodCIDRList',
    ],
    ['ipam.mode: kubernetes', 'ipam.mode unknown -> ipam: {mode}'],
    ['global: {ipam: {mode: kubernetes}}', 'global unknown -> its keys at the root'],
    ['global: {imageRegistry: example.net}', ''],
    ['something: entirely else', 'something unknown'],
  ])('%s', async (text, line) => {
    expect(await linesOf(text)).toEqual(line === '' ? [] : [line]);
  });

  test.each([
    'socketLB: {hostNamespaceOnly: true, terminatePodConnections: true, tracing: true}',
    'l2announcements: {enabled: true, leaseDuration: 10s}',
    'nodeSelector: {anything: goes}\npodAnnotations: {a: b}\nresources: {limits: {cpu: 1}}\nextraConfig: {enable-x: "true"}',
    'loadBalancer: {mode: snat, acceleration: disabled}\nmaglev: {tableSize: 65521}',
    'clustermesh: {config: {clusters: {one: {address: a}}}}',
  ])('%s stands in comments of values.yaml or below a map of the user’s own', async (text) => {
    expect(await linesOf(text)).toEqual([]);
  });
});

describe('what Helm refuses', () => {
  test('all refusals at once, of which Helm tells the first', async () => {
    const text =
      'hubble: {ui: {enabled: true}, relay: {enabled: false}}\ncluster: {name: Under_Score}\nl7Proxy: false\ningressController: {enabled: true}\n';
    expect(await linesOf(text)).toEqual([
      'hubble.ui.enabled refusedCombination, refused'.replace('ui.enabled', 'relay.enabled'),
      'l7Proxy refusedCombination, refused',
      'cluster.name refusedCombination, refused',
    ]);
  });

  test.each<[Branch, string, string]>([
    ['1.20', 'gke: {enabled: true}\nroutingMode: tunnel', 'routingMode refusedCombination, refused'],
    ['1.20', 'ipam: {mode: eni}', 'ipam.mode refusedCombination, refused'],
    ['1.20', 'k8sServiceHost: a\nk8sServiceHostRef: {name: b, key: c}', 'k8sServiceHost refusedCombination, refused'],
    [
      '1.20',
      'prometheus: {enabled: true, serviceMonitor: {enabled: true}}',
      'prometheus.serviceMonitor.enabled conditional, refused',
    ],
    ['1.20', 'prometheus: {enabled: true, serviceMonitor: {enabled: true, trustCRDsExist: true}}', ''],
    ['1.20', 'hubble: {enabled: "yes please"}', 'hubble.enabled wrongType, refused'],
    ['1.20', 'hubble: {enabled: "false"}', 'hubble.enabled wrongType, refused -> false'],
    ['1.20', 'proxy: text', 'proxy removed, refused -> envoy.prometheus'],
    ['1.19', 'MTU: "9000"', 'MTU wrongType, refused -> 9000'],
  ])('%s: %s', async (branch, text, line) => {
    expect(await linesOf(text, branch)).toEqual(line === '' ? [] : [line]);
  });
});

describe('what agents refuse, although the chart takes it', () => {
  test.each<[Branch, string, string]>([
    ['1.20', 'loadBalancer: {mode: dsr}', 'loadBalancer.mode'],
    ['1.16', 'loadBalancer: {mode: hybrid}\nroutingMode: tunnel', 'loadBalancer.mode'],
    ['1.20', 'loadBalancer: {mode: dsr, dsrDispatch: geneve}\ntunnelProtocol: geneve', ''],
    ['1.20', 'loadBalancer: {mode: dsr}\nroutingMode: native\nipv4NativeRoutingCIDR: 10.0.0.0/8', ''],
    [
      '1.20',
      'loadBalancer: {mode: dsr, dsrDispatch: geneve}\nroutingMode: native\nipv4NativeRoutingCIDR: 10.0.0.0/8',
      'loadBalancer.dsrDispatch',
    ],
    ['1.19', 'bpf: {lbModeAnnotation: true}', 'bpf.lbModeAnnotation'],
    ['1.20', 'bpf: {lbModeAnnotation: true}', 'bpf.lbModeAnnotation'],
    ['1.20', 'bpf: {lbModeAnnotation: true}\nloadBalancer: {dsrDispatch: ipip}', ''],
    ['1.19', 'bpf: {lbModeAnnotation: true}\nloadBalancer: {dsrDispatch: ipip}', 'bpf.lbModeAnnotation'],
    ['1.20', 'autoDirectNodeRoutes: true', 'autoDirectNodeRoutes'],
    ['1.20', 'egressGateway: {enabled: true}', 'egressGateway.enabled'],
    ['1.20', 'egressGateway: {enabled: true}\nbpf: {masquerade: true}', ''],
    ['1.20', 'ipMasqAgent: {enabled: true}', 'ipMasqAgent.enabled'],
    [
      '1.20',
      'installNoConntrackIptablesRules: true\nroutingMode: native\nipv4NativeRoutingCIDR: 10.0.0.0/8',
      'installNoConntrackIptablesRules',
    ],
    ['1.20', 'maglev: {tableSize: 1000}\nloadBalancer: {algorithm: maglev}', 'maglev.tableSize'],
    ['1.20', 'loadBalancer: {algorithm: roundrobin}', 'loadBalancer.algorithm'],
    ['1.20', 'ipv4: {enabled: false}', 'ipv4.enabled'],
  ])('%s: %s', async (branch, text, key) => {
    expect(await linesOf(replaces + text, branch)).toEqual(key === '' ? [] : [`${key} agentRefuses`]);
  });

  test('eBPF masquerading without replacement, up to 1.18', async () => {
    const text = 'kubeProxyReplacement: false\nbpf: {masquerade: true}\n';
    expect(await linesOf(text, '1.18')).toEqual(['bpf.masquerade agentRefuses']);
    expect(await linesOf(text, '1.19')).toEqual([]);
  });
});

const doubtOf = async (text: string): Promise<string[]> =>
  (await judged(`kubeProxyReplacement: true\n${text}`)).verdicts.map(
    ({ key, kind, severity }) => `${key} ${kind} ${severity}`,
  );

describe('replacement in doubt', () => {
  test.each([
    ['', 'k8sServiceHost kprDoubt error'],
    ['k8sServiceHost: 10.96.0.1\nk8sServicePort: 443', 'k8sServiceHost kprDoubt error'],
    ['k8sServiceHost: kubernetes.default.svc\nk8sServicePort: 443', 'k8sServiceHost kprDoubt error'],
    ['k8sServiceHost: https://api.example.net\nk8sServicePort: 443', 'k8sServiceHost kprDoubt error'],
    ['k8sServiceHost: api.example.net', 'k8sServicePort kprDoubt error'],
    ['k8sServiceHost: localhost\nk8sServicePort: 6443', 'k8sServiceHost kprDoubt warning'],
    ['k8sServiceHost: localhost\nk8sServicePort: 7445', undefined],
    ['k8sServiceHost: 127.0.0.1\nk8sServicePort: 6444', undefined],
    ['k8sServiceHost: api.example.net\nk8sServicePort: "443"', undefined],
    ['k8s: {apiServerURLs: "https://10.1.1.1:6443 https://10.1.1.2:6443"}', undefined],
    ['k8sServiceHostRef: {name: a, key: b}', undefined],
    ['k8sServiceHost: ${HOST}\nk8sServicePort: 443', 'k8sServiceHost placeholder unknown'],
  ])('%s', async (text, doubt) => {
    expect(await doubtOf(text)).toEqual(doubt === undefined ? [] : [doubt]);
  });

  test('a switch without effect', async () => {
    expect(await linesOf(`${replaces}socketLB: {enabled: false}`)).toEqual(['socketLB.enabled kprDoubt']);
  });

  test('without replacement nobody needs an API server', async () => {
    expect(await linesOf('kubeProxyReplacement: false')).toEqual([]);
  });

  test('Gateway API decides the scope of socket load balancing from 1.20', async () => {
    const text = `${replaces}gatewayAPI: {enabled: true}\n`;
    expect(await linesOf(text, '1.19')).toEqual([]);
    expect(await linesOf(text, '1.20')).toEqual(['gatewayAPI.enabled behaviour']);
    expect(await linesOf(`${text}socketLB: {hostNamespaceOnly: true}`, '1.20')).toEqual([]);
  });
});

describe('what another tool fills in', () => {
  test.each([
    ['cluster:\n  name: ${NAME}\n  id: ${ID}\n', ['cluster.id placeholder', 'cluster.name placeholder']],
    ['kubeProxyReplacement: "{{ kpr }}"\n', ['kubeProxyReplacement placeholder']],
    ['kubeProxyReplacement: {{ kpr }}\n', ['kubeProxyReplacement placeholder']],
    ['{% if x %}\nhubble:\n  enabled: false\n{% endif %}\n', []],
    ['hubble:\n  ui:\n    ingress:\n      hosts: [hubble.${DOMAIN}]\n', []],
  ])('%j', async (text, lines) => {
    expect(await linesOf(text)).toEqual(lines);
  });
});

test('a verdict says where its key is written', async () => {
  const { verdicts } = await judged('# values\nbpf:\n    masquarade: true\n');
  expect(verdicts.map(({ place }) => place)).toEqual([{ kind: 'file', file: 'values.yaml', line: 3, column: 5 }]);
});

test.each<[Branch, RegExp]>([
  ['1.18', /^It has another name; Helm refuses it: /],
  ['1.20', /^It has another name: no effect; ignored in silence: .*10\.0\.0\.0\/8/],
])('what Helm refuses is not called ignored (%s)', async (branch, expected) => {
  const text = `${replaces}ipam: {operator: {clusterPoolIPv4PodCIDR: 10.9.0.0/16}}`;
  const { verdicts } = await judged(text, branch);
  expect(verdicts.map(({ message }) => message)).toEqual([expect.stringMatching(expected)]);
});

test('a key without a value takes the chart’s own away: it is told once, and hides nothing', async () => {
  const text =
    'hubble:\nbpf:\n  # masquerade: true\nipam:\nk8sServiceHost: a\nk8sServiceHostRef: {name: a, key: b}\ntunnel: vxlan\n';
  expect((await linesOf(text)).toSorted()).toEqual([
    'bpf refusedCombination, refused -> {}',
    'hubble refusedCombination, refused -> {}',
    'ipam refusedCombination, refused -> {}',
    expect.stringMatching(/^k8sServiceHost\w* refusedCombination, refused$/),
    'tunnel renamed, refused -> routingMode: tunnel, tunnelProtocol: vxlan',
  ]);
  expect(await linesOf('image:\ndnsProxy:\n')).toEqual([
    'image refusedCombination -> {}',
    'dnsProxy refusedCombination -> {}',
  ]);
  expect(await linesOf('affinity:\ntolerations:\nextraArgs:\n')).toEqual([]);
});
