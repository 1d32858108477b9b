import type { Lookup } from '../../src/expect/agent/Setting.ts';

/** How a map gets its size, and what would double it. */
export type MapSizeOption =
  /** By an option of its own, or by one that sizes several. `size`: what is there now. */
  | { readonly kind: 'fixed'; readonly key: string; readonly helm: string; readonly size: number }
  /** By a share of the node's memory, as long as nobody sets its size. */
  | { readonly kind: 'share'; readonly ratio: number };

interface SizedBy {
  readonly map: RegExp;
  readonly key: string;
  readonly helm: string;
  /** Where the key is not set; undefined: a share of memory decides. */
  readonly otherwise?: { readonly key: string; readonly helm: string };
}

const common = { key: 'bpf-lb-map-max', helm: 'bpf.lbMapMax' };
const ofBalancing = (map: RegExp, key: string): SizedBy => ({
  map,
  key,
  helm: `extraConfig.${key}`,
  otherwise: common,
});

/**
 * cilium: pkg/loadbalancer/config.go, pkg/option/config.go (calculateDynamicBPFMapSizes), and the chart's ConfigMap.
 */
const sizes: readonly SizedBy[] = [
  ofBalancing(/^lb[46]_services/, 'bpf-lb-service-map-max'),
  ofBalancing(/^lb[46]_backends/, 'bpf-lb-service-backend-map-max'),
  ofBalancing(/^lb[46]_reverse_nat/, 'bpf-lb-rev-nat-map-max'),
  ofBalancing(/^lb[46]_affinity|^lb_affinity_match/, 'bpf-lb-affinity-map-max'),
  ofBalancing(/^lb[46]_source_range/, 'bpf-lb-source-range-map-max'),
  ofBalancing(/^lb[46]_maglev/, 'bpf-lb-maglev-map-max'),
  { map: /^ct[46]_/, key: 'bpf-ct-global-tcp-max', helm: 'bpf.ctTcpMax' },
  { map: /^ct_?any[46]_/, key: 'bpf-ct-global-any-max', helm: 'bpf.ctAnyMax' },
  { map: /^snat_v[46]_/, key: 'bpf-nat-global-max', helm: 'bpf.natMax' },
  { map: /^nodeport_neigh/, key: 'bpf-neigh-global-max', helm: 'bpf.neighMax' },
  { map: /^lb[46]_reverse_sk/, key: 'bpf-sock-rev-map-max', helm: 'extraConfig.bpf-sock-rev-map-max' },
];

/** @param map without the prefix `cilium_` @param option undefined: not known, so nothing is set */
export function mapSizeOf(map: string, option: Lookup | undefined): MapSizeOption {
  const sized = sizes.find((one) => one.map.test(map)) ?? { ...common, otherwise: common };
  const own = numberOf(option?.(sized.key)?.text);
  if (own > 0) return { kind: 'fixed', key: sized.key, helm: sized.helm, size: own };
  if (sized.otherwise === undefined) return { kind: 'share', ratio: ratioOf(option?.(ratioKey)?.text) };
  const size = numberOf(option?.(sized.otherwise.key)?.text);
  return { kind: 'fixed', ...sized.otherwise, size: size > 0 ? size : 65_536 };
}

export const ratioKey = 'bpf-map-dynamic-size-ratio';

const numberOf = (text: string | undefined): number => (/^\d{1,9}$/.test(text ?? '') ? Number(text) : 0);

/** The agent's default where nothing usable is set. */
function ratioOf(text: string | undefined): number {
  const ratio = Number(text);
  return ratio > 0 && ratio <= 1 ? ratio : 0.0025;
}
