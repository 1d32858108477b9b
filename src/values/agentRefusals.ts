import { agentSettings } from '../expect/agent/AgentSettings.ts';
import { refusalsOf } from '../expect/agent/nextStart.ts';
import { isAtLeast, type Version } from '../knowledge/version.ts';

/** Something for which agents end at their start. */
export interface AgentRefusal {
  /** Options of cilium-config that decide it, the first first. */
  readonly options: readonly string[];
  /** As a sentence without a period. */
  readonly message: string;
}

type Config = ReadonlyMap<string, string>;

/** What the agents of a version do not start with, as far as their configuration alone tells it. */
export function agentRefusals(config: Config, version: Version): readonly AgentRefusal[] {
  const settings = agentSettings((key) => found(config, key), version);
  const ofSettings = refusalsOf(settings, version).map(({ key, text, why }) => ({
    options: [key],
    message: `the agent refuses ${key}=${text}: it ${why}`,
  }));
  return [...ofSettings, ...rules.flatMap((rule) => asRefusal(rule, new Options(config, version)))];
}

function found(
  config: Config,
  key: string,
): { readonly text: string; readonly origin: { readonly kind: 'configMap' } } | undefined {
  const text = config.get(key) ?? '';
  return text === '' ? undefined : { text, origin: { kind: 'configMap' } };
}

class Options {
  readonly #config: Config;
  readonly version: Version;

  constructor(config: Config, version: Version) {
    this.#config = config;
    this.version = version;
  }

  isOn = (key: string): boolean => this.text(key) === 'true';
  /** Agents have it on by default, and the chart writes it as well. */
  isOff = (key: string): boolean => this.text(key) === 'false';
  text = (key: string): string => this.#config.get(key) ?? '';
  isUntil = (minor: string): boolean => !isAtLeast(this.version, minor);

  get replaces(): boolean {
    return this.isOn('kube-proxy-replacement');
  }
  get tunnels(): boolean {
    return this.text('routing-mode') !== 'native';
  }
  get usesDsr(): boolean {
    return ['dsr', 'hybrid'].includes(this.text('bpf-lb-mode')) || this.isOn('bpf-lb-mode-annotation');
  }
  get masquerades(): boolean {
    return !this.isOff('enable-ipv4-masquerade') || this.isOn('enable-ipv6-masquerade');
  }
}

interface Rule {
  readonly options: readonly string[];
  readonly message: string;
  readonly refuses: (options: Options) => boolean;
}

const asRefusal = ({ refuses, ...refusal }: Rule, options: Options): readonly AgentRefusal[] =>
  refuses(options) ? [refusal] : [];

/**
 * Beside those of a single setting (src/expect/agent/nextStart.ts). Cilium: pkg/kpr/initializer, formerly
 * daemon/cmd/kube_proxy_replacement.go; pkg/loadbalancer/config.go; daemon/cmd/daemon.go and daemon_main.go;
 * pkg/egressgateway/manager.go; each read in 1.16 to 1.20.
 */
const rules: readonly Rule[] = [
  {
    options: ['bpf-lb-mode-annotation'],
    message: 'Up to 1.19 no mode by annotation goes with tunnels of VXLAN: the agent refuses it',
    refuses: (o) =>
      o.replaces &&
      o.isUntil('1.20.0') &&
      o.isOn('bpf-lb-mode-annotation') &&
      o.tunnels &&
      o.text('tunnel-protocol') === 'vxlan' &&
      ['', 'snat'].includes(o.text('bpf-lb-mode')),
  },
  {
    options: ['bpf-lb-mode-annotation', 'bpf-lb-dsr-dispatch'],
    message: 'With tunnels of VXLAN, the agent takes a mode by annotation only if loadBalancer.dsrDispatch is ipip',
    refuses: (o) =>
      o.replaces &&
      !o.isUntil('1.20.0') &&
      o.isOn('bpf-lb-mode-annotation') &&
      o.tunnels &&
      o.text('tunnel-protocol') === 'vxlan' &&
      o.text('bpf-lb-dsr-dispatch') !== 'ipip',
  },
  {
    options: ['bpf-lb-mode'],
    message: 'The agent refuses hybrid as the default where Services choose their mode by annotation',
    refuses: (o) => !o.isUntil('1.17.0') && o.isOn('bpf-lb-mode-annotation') && o.text('bpf-lb-mode') === 'hybrid',
  },
  {
    options: ['bpf-lb-dsr-dispatch', 'bpf-lb-acceleration'],
    message: 'Up to 1.18 the agent takes the dispatch ipip only with XDP acceleration',
    refuses: (o) =>
      o.replaces &&
      o.isUntil('1.19.0') &&
      o.usesDsr &&
      o.text('bpf-lb-dsr-dispatch') === 'ipip' &&
      ['', 'disabled'].includes(o.text('bpf-lb-acceleration')),
  },
  {
    options: ['bpf-lb-rss-ipv4-src-cidr', 'bpf-lb-rss-ipv6-src-cidr'],
    message: 'The agent takes RSS CIDRs only with DSR whose dispatch is ipip',
    refuses: (o) =>
      o.replaces &&
      (o.text('bpf-lb-rss-ipv4-src-cidr') !== '' || o.text('bpf-lb-rss-ipv6-src-cidr') !== '') &&
      !(o.usesDsr && o.text('bpf-lb-dsr-dispatch') === 'ipip'),
  },
  {
    options: ['bpf-lb-acceleration', 'underlay-protocol'],
    message: 'The agent refuses XDP acceleration with tunnels over IPv6',
    refuses: (o) =>
      o.replaces &&
      o.tunnels &&
      o.text('underlay-protocol') === 'ipv6' &&
      !['', 'disabled'].includes(o.text('bpf-lb-acceleration')),
  },
  {
    options: ['enable-nat46x64-gateway', 'bpf-lb-mode'],
    message: 'The agent takes NAT46x64 only with loadBalancer.mode snat',
    refuses: (o) => o.isOn('enable-nat46x64-gateway') && !['', 'snat'].includes(o.text('bpf-lb-mode')),
  },
  {
    options: ['auto-direct-node-routes'],
    message: 'The agent refuses autoDirectNodeRoutes with tunnels: it goes with routingMode native only',
    refuses: (o) => o.tunnels && o.isOn('auto-direct-node-routes'),
  },
  {
    options: ['ipv4-native-routing-cidr', 'routing-mode'],
    message: 'With routingMode native and masquerading, the agent needs ipv4NativeRoutingCIDR',
    refuses: (o) =>
      o.text('routing-mode') === 'native' &&
      !o.isOff('enable-ipv4') &&
      !o.isOff('enable-ipv4-masquerade') &&
      !o.isOn('enable-ip-masq-agent') &&
      !['eni', 'alibabacloud'].includes(o.text('ipam')) &&
      o.text('ipv4-native-routing-cidr') === '',
  },
  {
    options: ['install-no-conntrack-iptables-rules'],
    message: 'The agent takes installNoConntrackIptablesRules only with kubeProxyReplacement',
    refuses: (o) => o.isOn('install-no-conntrack-iptables-rules') && !o.replaces,
  },
  {
    options: ['install-no-conntrack-iptables-rules'],
    message: 'The agent takes installNoConntrackIptablesRules only with routingMode native and IPv4',
    refuses: (o) => o.isOn('install-no-conntrack-iptables-rules') && (o.tunnels || o.isOff('enable-ipv4')),
  },
  {
    options: ['install-no-conntrack-iptables-rules', 'enable-bpf-masquerade'],
    message: 'The agent takes installNoConntrackIptablesRules only with bpf.masquerade, or without masquerading',
    refuses: (o) => o.isOn('install-no-conntrack-iptables-rules') && o.masquerades && !o.isOn('enable-bpf-masquerade'),
  },
  {
    options: ['enable-bpf-masquerade'],
    message: 'Up to 1.18 the agent takes bpf.masquerade only with kubeProxyReplacement',
    refuses: (o) =>
      o.isUntil('1.19.0') &&
      o.masquerades &&
      o.isOn('enable-bpf-masquerade') &&
      !o.replaces &&
      !o.isOn('enable-node-port'),
  },
  {
    options: ['enable-bpf-masquerade', 'enable-ipv4-masquerade'],
    message: 'The agent takes bpf.masquerade only with enableIPv4Masquerade or enableIPv6Masquerade',
    refuses: (o) => o.isOn('enable-bpf-masquerade') && !o.masquerades,
  },
  {
    options: ['enable-ip-masq-agent', 'enable-bpf-masquerade'],
    message: 'The agent takes ipMasqAgent only with bpf.masquerade',
    refuses: (o) => o.isOn('enable-ip-masq-agent') && !(o.masquerades && o.isOn('enable-bpf-masquerade')),
  },
  {
    options: ['egress-masquerade-interfaces', 'enable-bpf-masquerade'],
    message: 'The agent refuses egressMasqueradeInterfaces with bpf.masquerade: it takes devices instead',
    refuses: (o) => o.masquerades && o.isOn('enable-bpf-masquerade') && o.text('egress-masquerade-interfaces') !== '',
  },
  {
    options: ['enable-masquerade-to-route-source', 'enable-bpf-masquerade'],
    message: 'The agent refuses enableMasqueradeRouteSource with bpf.masquerade',
    refuses: (o) => o.isOn('enable-masquerade-to-route-source') && o.isOn('enable-bpf-masquerade') && o.masquerades,
  },
  {
    options: ['enable-remote-node-masquerade', 'enable-bpf-masquerade'],
    message: 'The agent takes enableRemoteNodeMasquerade only with bpf.masquerade',
    refuses: (o) => o.isOn('enable-remote-node-masquerade') && !o.isOn('enable-bpf-masquerade'),
  },
  {
    options: ['enable-egress-gateway', 'enable-ipv4-egress-gateway', 'enable-bpf-masquerade'],
    message: 'The agent takes the egress gateway only with bpf.masquerade and enableIPv4Masquerade',
    refuses: (o) =>
      (o.isOn('enable-ipv4-egress-gateway') || o.isOn('enable-egress-gateway')) &&
      !(o.isOn('enable-bpf-masquerade') && !o.isOff('enable-ipv4-masquerade')),
  },
  {
    options: ['enable-egress-gateway', 'enable-ipv4-egress-gateway', 'enable-cilium-endpoint-slice'],
    message: 'The agent refuses the egress gateway with ciliumEndpointSlice',
    refuses: (o) =>
      (o.isOn('enable-ipv4-egress-gateway') || o.isOn('enable-egress-gateway')) &&
      o.isOn('enable-cilium-endpoint-slice'),
  },
  {
    options: ['enable-ipv4'],
    message: 'The agent needs IPv4 or IPv6',
    refuses: (o) => o.isOff('enable-ipv4') && o.isOff('enable-ipv6'),
  },
  {
    options: ['ipam', 'routing-mode'],
    message: 'The agent refuses ENI with tunnels',
    refuses: (o) => o.text('ipam') === 'eni' && o.tunnels,
  },
  {
    options: ['routing-mode'],
    message: 'The agent takes routingMode native or tunnel only',
    refuses: (o) => !['', 'native', 'tunnel'].includes(o.text('routing-mode')),
  },
  {
    options: ['tunnel-protocol'],
    message: 'The agent takes tunnelProtocol vxlan or geneve only',
    refuses: (o) => !['', 'vxlan', 'geneve'].includes(o.text('tunnel-protocol')),
  },
  {
    options: ['enable-ipsec', 'enable-wireguard'],
    message: 'The agent refuses IPsec and WireGuard at once',
    refuses: (o) => o.isOn('enable-ipsec') && o.isOn('enable-wireguard'),
  },
  {
    options: ['enable-host-firewall', 'enable-ipsec'],
    message: 'The agent refuses the host firewall with IPsec',
    refuses: (o) => o.isOn('enable-host-firewall') && o.isOn('enable-ipsec'),
  },
];
