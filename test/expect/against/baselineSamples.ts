import { Derivations } from '../../../src/core/Derivations.ts';
import { BaselineComparer } from '../../../src/expect/against/BaselineComparer.ts';
import type { BaselineComparison } from '../../../src/expect/against/BaselineComparison.ts';
import type { Baseline, BaselineNode } from '../../../src/model/Baseline.ts';
import { known, type Missing } from '../../../src/model/Fact.ts';
import type { ProxyTable } from '../../../src/model/lb/ProxyTable.ts';
import type { ClusterFacts, Snapshot } from '../../../src/model/Snapshot.ts';
import type { SampleName } from '../../support/lbSamples.ts';
import { iptablesRows, nftRows, proxyText } from '../../support/proxyRecordings.ts';
import { sampleSnapshot } from '../../support/sampleSnapshot.ts';

/** Recorded with kube-proxy beside Cilium: the objects, both nodes’ rules, and both nodes’ maps at one time. */
export const beside = {
  iptables: { sample: '1.20.1', file: 'iptables-save.txt', rows: (text: string): ProxyTable => iptablesRows(text) },
  nftables: { sample: '1.19.6-dsr-maglev', file: 'nft.json', rows: (text: string): ProxyTable => nftRows(text) },
} as const satisfies Record<string, { sample: SampleName; file: string; rows: (text: string) => ProxyTable }>;
export type Mode = keyof typeof beside;

export interface ThenChanges {
  /** Of the objects of then. */
  readonly facts?: (facts: ClusterFacts) => ClusterFacts;
  /** Of what kube-proxy had on n2, or on both nodes. */
  readonly n2Rules?: (text: string) => string;
  readonly rules?: (text: string) => string;
  readonly n2?: Partial<BaselineNode> | { readonly table: Missing };
  readonly kept?: boolean;
  readonly takenAt?: string;
}

/** An hour before the snapshots of the samples. */
export const thenAt = '2026-11-21T09:00:00Z';

const same = <T>(value: T): T => value;

export function beforeOf(mode: Mode, changes: ThenChanges = {}): Baseline {
  const { facts = same, n2Rules = same, rules = same, n2 = {}, kept = true, takenAt = thenAt } = changes;
  const { sample, file, rows } = beside[mode];
  const table = (node: 'n1' | 'n2'): ProxyTable => {
    const text = rules(proxyText(`${sample}/${node}/${file}`));
    return rows(node === 'n2' ? n2Rules(text) : text);
  };
  return {
    origin: { kind: 'capture', file: 'before.kpr', context: 'test', server: 'https://172.30.0.1:6443' },
    takenAt,
    facts: facts(sampleSnapshot(sample).facts),
    nodes: [
      { name: 'n1', table: known(table('n1'), 'iptables-save'), kept },
      { name: 'n2', table: known(table('n2'), 'iptables-save'), kept, ...n2 },
    ],
  };
}

export function compared(before: Baseline, after: Snapshot, namespace?: string): BaselineComparison {
  const comparison = new BaselineComparer(before, new Derivations(after), { file: 'before.kpr', namespace });
  for (const name of comparison.nodes) comparison.compare(name);
  return comparison.result();
}

/** `default/httpd-np lost backends 10.96.0.9:80/TCP pod,node n2 backendsStale`, a line each. */
export const lossesOf = ({ lost }: BaselineComparison): readonly string[] =>
  lost
    .map(({ service, what, frontend, from, nodes, difference }) =>
      [service, what, frontend, from.join(), nodes.join(), ...(difference === undefined ? [] : [difference])].join(' '),
    )
    .toSorted();

export const outcomesOf = ({ services }: BaselineComparison): Readonly<Record<string, string>> =>
  Object.fromEntries(services.compared.map(({ service, outcome }) => [service, outcome]));

export const reasonsOf = ({ intended }: BaselineComparison): readonly string[] =>
  [...new Set(intended.flatMap(({ reasons }) => reasons))].toSorted();

export const unknownsOf = ({ unknown }: BaselineComparison): readonly string[] =>
  unknown.map(({ node, service, detail }) => [node, service, detail].filter((word) => word !== undefined).join(': '));
