import { canonicalCidr, type Family } from '../../model/lb/address.ts';
import { newestKnown } from '../../knowledge/ciliumVersion.ts';
import { parseVersion, type Version } from '../../knowledge/version.ts';
import { eraOf } from './eras.ts';

/** The configuration of one agent, as far as it decides what its load-balancing maps hold. */
export interface LbConfig {
  readonly version: Version;
  readonly kubeProxyReplacement: boolean;
  readonly families: ReadonlySet<Family>;
  readonly nodePortMin: number;
  readonly nodePortMax: number;
  readonly externalClusterIP: boolean;
  readonly mode: 'snat' | 'dsr' | 'hybrid';
  readonly modeAnnotation: boolean;
  readonly algorithm: 'random' | 'maglev';
  readonly algorithmAnnotation: boolean;
  readonly sourceRangeCheck: boolean;
  readonly sourceRangeAllTypes: boolean;
  readonly serviceTopology: boolean;
  /**
   * Services with this value of the label `service.kubernetes.io/service-proxy-name`; empty: those without the label.
   */
  readonly serviceProxyName: string;
  readonly wildcards: boolean;
  /** Who gives Services without loadBalancerClass their addresses: `lbipam`, `nodeipam`, `none`. */
  readonly loadBalancerIpam: string;
  readonly hostPorts: boolean;
  readonly internalTrafficPolicy: boolean;
  readonly localRedirects: boolean;
  /** The only CIDRs that redirects by address may use; empty: any. */
  readonly redirectCidrs: readonly string[];
  /** Health checks of Services with externalTrafficPolicy Local answer on their LoadBalancer addresses, too. */
  readonly healthCheckLoadBalancerIP: boolean;
}

/**
 * Reads keys of `cilium-config`, best as the agent found them at its start. What is not set has the agent's default.
 * @param version of the agent, e.g. `1.19.6`; undefined or unreadable: taken as the newest that is known.
 */
export function lbConfigOf(settings: ReadonlyMap<string, string>, version: string | undefined): LbConfig {
  const parsed = parseVersion(version) ?? newestKnown;
  const text = (key: string): string | undefined => {
    const value = settings.get(key)?.trim();
    return value === '' ? undefined : value;
  };
  const on = (key: string, otherwise: boolean): boolean => {
    const value = text(key)?.toLowerCase();
    return value === undefined ? otherwise : value === 'true' || value === '1' || value === 't';
  };
  const kpr = ['true', 'strict'].includes(text('kube-proxy-replacement') ?? 'false');
  const old = !eraOf(parsed).noFeatureSwitches;
  const nodePort = kpr || (old && on('enable-node-port', false));
  const [nodePortMin = 30000, nodePortMax = 32767] = (text('node-port-range') ?? '')
    .split(',')
    .map((part) => Number.parseInt(part, 10))
    .filter((port) => Number.isInteger(port));
  const families = new Set<Family>();
  if (on('enable-ipv4', true)) families.add('ipv4');
  if (on('enable-ipv6', true)) families.add('ipv6');
  return {
    version: parsed,
    kubeProxyReplacement: nodePort,
    families,
    nodePortMin,
    nodePortMax,
    externalClusterIP: on('bpf-lb-external-clusterip', false),
    mode: modeOf(text('bpf-lb-mode') ?? text('node-port-mode')),
    modeAnnotation: on('bpf-lb-mode-annotation', false),
    algorithm: (text('bpf-lb-algorithm') ?? text('node-port-algorithm')) === 'maglev' ? 'maglev' : 'random',
    algorithmAnnotation: on('bpf-lb-algorithm-annotation', false),
    sourceRangeCheck: !old || on('enable-svc-source-range-check', true),
    sourceRangeAllTypes: on('bpf-lb-source-range-all-types', false),
    serviceTopology: on('enable-service-topology', false),
    serviceProxyName: text('k8s-service-proxy-name') ?? '',
    wildcards: on('bpf-lb-enable-wildcard-entries', true),
    loadBalancerIpam: text('default-lb-service-ipam') ?? 'lbipam',
    hostPorts: kpr || (old && on('enable-host-port', false)),
    internalTrafficPolicy: !old || on('enable-internal-traffic-policy', true),
    localRedirects: on('enable-local-redirect-policy', false),
    redirectCidrs: (text('lrp-address-matcher-cidrs') ?? '')
      .split(/[\s,]+/)
      .map((cidr) => canonicalCidr(cidr))
      .filter((cidr) => cidr !== undefined),
    healthCheckLoadBalancerIP: on('enable-health-check-loadbalancer-ip', false),
  };
}

const modeOf = (text: string | undefined): LbConfig['mode'] => (text === 'dsr' || text === 'hybrid' ? text : 'snat');
