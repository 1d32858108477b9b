import { rowsOfNftables } from './parseTexts.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiObjects } from '../../src/expect/lb/expectTable.ts';
import type { Family } from '../../src/model/lb/address.ts';
import type { ProxyTable } from '../../src/model/lb/ProxyTable.ts';
import type { Node } from '../../src/model/kubernetes.ts';
import { rowsOfIptables } from '../../src/parse/kubeproxy/rowsOfIptables.ts';
import { parseIptablesSave } from '../../src/parse/parseIptablesSave.ts';

/**
 * What kube-proxy 1.36 printed beside Cilium on clusters of two nodes. `shop` (Cilium 1.19.6) has Services of every
 * kind, in both modes, and two settings more for its n1: `narrow` with nodePortAddresses, without localhostNodePorts
 * and clusterCIDR; `all` with all node addresses.
 */
const folder = join(import.meta.dirname, '..', 'fixtures', 'kubeproxy');

export const proxyText = (path: string): string => readFileSync(join(folder, path), 'utf8');

interface Shop extends ApiObjects {
  readonly version: string;
  readonly ciliumConfig: Readonly<Record<string, string>>;
  readonly nodes: readonly Node[];
}

export const shopObjects = (): Shop => {
  const recorded = JSON.parse(proxyText('shop/objects.json')) as Omit<Shop, 'localRedirectPolicies'>;
  return { ...recorded, localRedirectPolicies: [] };
};

/** Rows of an `iptables-save`; throws where there are none. */
export function iptablesRows(text: string, family: Family = 'ipv4'): ProxyTable {
  const save = parseIptablesSave(text);
  const rows = save.ok ? rowsOfIptables(save.value.tables, family) : undefined;
  if (rows === undefined) throw new Error(save.ok ? 'no rules of kube-proxy' : save.why);
  return rows;
}

/** Rows of `nft -j list ruleset`; throws where there are none. */
export function nftRows(text: string): ProxyTable {
  const rows = rowsOfNftables(text);
  if (!rows.ok || rows.value === undefined) throw new Error(rows.ok ? 'no table of kube-proxy' : rows.why);
  return rows.value;
}

export const recordedRows = (path: string): ProxyTable =>
  path.endsWith('.json') ? nftRows(proxyText(path)) : iptablesRows(proxyText(path));
