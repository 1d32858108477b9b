import { describe, expect, test } from 'vitest';
import { type AgentSettings, agentSettings, type SettingName } from '../../../src/expect/agent/AgentSettings.ts';
import { parseVersion } from '../../../src/knowledge/version.ts';

const minors = [16, 17, 18, 19, 20] as const;
type Minor = (typeof minors)[number];

function settingsWith(texts: Readonly<Record<string, string>>, minor: Minor): AgentSettings {
  const version = parseVersion(`1.${minor}.3`);
  if (version === undefined) throw new Error('no version');
  const lookup = (key: string) => {
    const text = texts[key];
    return text === undefined ? undefined : { text, origin: { kind: 'configMap' } as const };
  };
  return agentSettings(lookup, version);
}

type Values = { readonly [K in SettingName]: AgentSettings[K]['value'] };

/** What an agent does that is told nothing: the same in all versions, also in those that have no such option. */
const defaults: Values = {
  replacement: 'off',
  nodePort: false,
  hostPort: false,
  ipv4: true,
  ipv6: true,
  nodePortRange: { min: 30_000, max: 32_767 },
  nodePortAddresses: [],
  externalClusterIP: false,
  bgpControlPlane: false,
  nodeIpam: false,
  maglevSeed: 'JLfvgnHc2kaSUFaI',
  socketTermination: true,
  mode: 'snat',
  modeAnnotation: false,
  algorithm: 'random',
  algorithmAnnotation: false,
  maglevTableSize: 16_381,
  dsrDispatch: 'opt',
  acceleration: 'disabled',
  routingMode: 'tunnel',
  autoDirectNodeRoutes: false,
  chaining: 'none',
  ipam: 'cluster-pool',
  tunnelProtocol: 'vxlan',
  tunnelPort: 0,
  hostFirewall: false,
  wireguard: false,
  ipsec: false,
  sourceRangeCheck: true,
  bindProtection: true,
  sourceRangeAllTypes: false,
  serviceTopology: false,
  serviceProxyName: '',
  wildcards: true,
  loadBalancerIpam: 'lbipam',
  loadBalancerL7: '',
  internalTrafficPolicy: true,
  localRedirects: false,
  redirectCidrs: [],
  healthCheckNodePort: true,
  healthCheckLoadBalancerIP: false,
  socketLb: false,
  socketLbHostNamespaceOnly: false,
  envoyConfig: false,
  sctp: false,
  devices: [],
  hostLegacyRouting: false,
  bpfMasquerade: false,
  externalIpMitigationOff: false,
  noBackendResponse: 'reject',
  healthzBindAddress: '',
  apiServerUrls: '',
  apiServer: '',
  kubeconfigPath: '',
  l2Announcements: false,
  endpointCrdOff: false,
  pathMtuDiscovery: false,
};

describe.each(minors)('1.%i', (minor) => {
  test('what is not set is the default, and nobody decided it', () => {
    for (const [name, setting] of Object.entries(settingsWith({}, minor)))
      expect([name, setting]).toEqual([
        name,
        { value: defaults[name as SettingName], text: undefined, origin: { kind: 'default' } },
      ]);
  });
});

interface Read<T> {
  readonly key: string;
  readonly text: string;
  readonly value: T;
  /** The versions 1.N that have the option; all unless said. */
  readonly in?: readonly Minor[];
}

/** An option of each setting, with a value that is not its default. */
const options: { readonly [K in SettingName]: Read<AgentSettings[K]['value']> } = {
  replacement: { key: 'kube-proxy-replacement', text: 'true', value: 'on' },
  nodePort: { key: 'enable-node-port', text: 'true', value: true, in: [16, 17, 18] },
  hostPort: { key: 'enable-host-port', text: 'true', value: true, in: [16, 17, 18] },
  ipv4: { key: 'enable-ipv4', text: 'false', value: false },
  ipv6: { key: 'enable-ipv6', text: 'false', value: false },
  nodePortRange: { key: 'node-port-range', text: '31000,31999', value: { min: 31_000, max: 31_999 } },
  nodePortAddresses: {
    key: 'nodeport-addresses',
    text: '10.0.0.0/8, fd00::/8',
    value: ['10.0.0.0/8', 'fd00::/8'],
  },
  externalClusterIP: { key: 'bpf-lb-external-clusterip', text: 'true', value: true },
  bindProtection: { key: 'node-port-bind-protection', text: 'false', value: false },
  mode: { key: 'bpf-lb-mode', text: 'dsr', value: 'dsr' },
  modeAnnotation: { key: 'bpf-lb-mode-annotation', text: 'true', value: true, in: [17, 18, 19, 20] },
  algorithm: { key: 'bpf-lb-algorithm', text: 'maglev', value: 'maglev' },
  algorithmAnnotation: { key: 'bpf-lb-algorithm-annotation', text: 'true', value: true, in: [17, 18, 19, 20] },
  maglevTableSize: { key: 'bpf-lb-maglev-table-size', text: '65521', value: 65_521 },
  bgpControlPlane: { key: 'enable-bgp-control-plane', text: 'true', value: true },
  nodeIpam: { key: 'enable-node-ipam', text: 'true', value: true },
  maglevSeed: { key: 'bpf-lb-maglev-hash-seed', text: 'AAAAAAAAAAAAAAAA', value: 'AAAAAAAAAAAAAAAA' },
  socketTermination: { key: 'bpf-lb-sock-terminate-pod-connections', text: 'false', value: false },
  dsrDispatch: { key: 'bpf-lb-dsr-dispatch', text: 'geneve', value: 'geneve' },
  acceleration: { key: 'bpf-lb-acceleration', text: 'native', value: 'native' },
  routingMode: { key: 'routing-mode', text: 'native', value: 'native' },
  autoDirectNodeRoutes: { key: 'auto-direct-node-routes', text: 'true', value: true },
  chaining: { key: 'cni-chaining-mode', text: 'aws-cni', value: 'aws-cni' },
  ipam: { key: 'ipam', text: 'delegated-plugin', value: 'delegated-plugin' },
  tunnelPort: { key: 'tunnel-port', text: '8473', value: 8473 },
  hostFirewall: { key: 'enable-host-firewall', text: 'true', value: true },
  wireguard: { key: 'enable-wireguard', text: 'true', value: true },
  ipsec: { key: 'enable-ipsec', text: 'true', value: true },
  tunnelProtocol: { key: 'tunnel-protocol', text: 'geneve', value: 'geneve' },
  sourceRangeCheck: { key: 'enable-svc-source-range-check', text: 'false', value: false, in: [16, 17, 18] },
  sourceRangeAllTypes: { key: 'bpf-lb-source-range-all-types', text: 'true', value: true, in: [17, 18, 19, 20] },
  serviceTopology: { key: 'enable-service-topology', text: 'true', value: true },
  serviceProxyName: { key: 'k8s-service-proxy-name', text: 'cilium', value: 'cilium' },
  wildcards: { key: 'bpf-lb-enable-wildcard-entries', text: 'false', value: false, in: [20] },
  loadBalancerIpam: { key: 'default-lb-service-ipam', text: 'none', value: 'none' },
  loadBalancerL7: { key: 'loadbalancer-l7', text: 'envoy', value: 'envoy' },
  internalTrafficPolicy: { key: 'enable-internal-traffic-policy', text: 'false', value: false, in: [17, 18] },
  localRedirects: { key: 'enable-local-redirect-policy', text: 'true', value: true },
  redirectCidrs: {
    key: 'lrp-address-matcher-cidrs',
    text: '169.254.20.10/32 nonsense',
    value: ['169.254.20.10/32'],
    in: [18, 19, 20],
  },
  healthCheckNodePort: { key: 'enable-health-check-nodeport', text: 'false', value: false },
  healthCheckLoadBalancerIP: { key: 'enable-health-check-loadbalancer-ip', text: 'true', value: true },
  socketLb: { key: 'bpf-lb-sock', text: 'true', value: true },
  socketLbHostNamespaceOnly: { key: 'bpf-lb-sock-hostns-only', text: 'true', value: true },
  envoyConfig: { key: 'enable-envoy-config', text: 'true', value: true },
  sctp: { key: 'enable-sctp', text: 'true', value: true },
  devices: { key: 'devices', text: 'eth0 bond+', value: ['eth0', 'bond+'] },
  hostLegacyRouting: { key: 'enable-host-legacy-routing', text: 'true', value: true },
  bpfMasquerade: { key: 'enable-bpf-masquerade', text: 'true', value: true },
  externalIpMitigationOff: { key: 'disable-external-ip-mitigation', text: 'true', value: true },
  noBackendResponse: { key: 'service-no-backend-response', text: 'drop', value: 'drop' },
  healthzBindAddress: {
    key: 'kube-proxy-replacement-healthz-bind-address',
    text: '0.0.0.0:10256',
    value: '0.0.0.0:10256',
  },
  apiServerUrls: { key: 'k8s-api-server-urls', text: 'https://a:6443', value: 'https://a:6443', in: [18, 19, 20] },
  apiServer: { key: 'k8s-api-server', text: 'https://a:6443', value: 'https://a:6443', in: [16, 17, 18, 19] },
  kubeconfigPath: { key: 'k8s-kubeconfig-path', text: '/etc/kubeconfig', value: '/etc/kubeconfig' },
  l2Announcements: { key: 'enable-l2-announcements', text: 'true', value: true },
  endpointCrdOff: { key: 'disable-endpoint-crd', text: 'true', value: true },
  pathMtuDiscovery: { key: 'enable-pmtu-discovery', text: 'true', value: true },
};

describe.each(minors)('1.%i, an option that is set', (minor) => {
  test.each(Object.entries(options))('%s', (name, { key, text, value, in: known = minors }: Read<unknown>) => {
    const { [name as SettingName]: setting } = settingsWith({ [key]: text }, minor);
    const isRead = known.includes(minor);
    expect(setting).toEqual(
      isRead
        ? { value, text, origin: { kind: 'configMap' } }
        : { value: defaults[name as SettingName], text: undefined, origin: { kind: 'default' } },
    );
  });
});

describe('former names of options', () => {
  test.each<[SettingName, string, string, readonly Minor[]]>([
    ['mode', 'node-port-mode', 'dsr', [16, 17, 18, 19]],
    ['algorithm', 'node-port-algorithm', 'maglev', [16, 17, 18, 19]],
    ['acceleration', 'node-port-acceleration', 'native', [16, 17, 18, 19, 20]],
  ])('%s: %s', (name, key, text, known) => {
    for (const minor of minors) {
      expect([minor, settingsWith({ [key]: text }, minor)[name].value]).toEqual([
        minor,
        known.includes(minor) ? text : defaults[name],
      ]);
    }
  });
  test('where both are set, the former counts', () => {
    const both = { 'bpf-lb-algorithm': 'random', 'node-port-algorithm': 'maglev' };
    expect(settingsWith(both, 19).algorithm.value).toBe('maglev');
    expect(settingsWith(both, 20).algorithm.value).toBe('random');
  });
});

test.each<[string, string, SettingName]>([
  ['enable-ipv6', 'no', 'ipv6'],
  ['enable-ipv6', 'tRUE', 'ipv6'],
  ['bpf-lb-mode', 'DSR', 'mode'],
  ['node-port-range', '31000', 'nodePortRange'],
  ['node-port-range', 'all', 'nodePortRange'],
  ['bpf-lb-maglev-table-size', '-1', 'maglevTableSize'],
  ['kube-proxy-replacement', 'yes', 'replacement'],
])('%s: %s is nothing that an agent starts with, and what was written is kept', (key, text, name) => {
  expect(settingsWith({ [key]: text }, 20)[name]).toEqual({
    value: defaults[name],
    text,
    origin: { kind: 'configMap' },
  });
});

test.each([
  ['1', true],
  ['t', true],
  ['T', true],
  ['TRUE', true],
  ['True', true],
  ['0', false],
  ['f', false],
  ['F', false],
  ['FALSE', false],
  ['False', false],
])('switches are as Go reads them: %s', (text, value) => {
  expect(settingsWith({ 'enable-sctp': text, 'enable-ipv6': text }, 19)).toMatchObject({
    sctp: { value },
    ipv6: { value },
  });
});
