import { canonicalAddress, type Family, type Protocol, protocolOf } from '../../model/lb/address.ts';
import { type FrontendKey, frontendKey } from '../../model/lb/keys.ts';
import type { NotUnderstood } from '../../model/lb/LbTable.ts';
import type { ProxyAnswer, ProxyKind, ProxyRow, ProxySource, ProxyTable } from '../../model/lb/ProxyTable.ts';
import { excerptOf } from '../text.ts';
import { type RuleGraph, walkRules } from './RuleGraph.ts';

/** Where a rule sends one address, port and protocol. */
export interface Entry {
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly kind: ProxyKind;
  readonly service: string | undefined;
  readonly onLoopback: boolean;
  /** The chain that translates it; undefined: none does. */
  readonly chain: string | undefined;
  /** What the filter does with what was not translated. */
  readonly verdict: 'reject' | 'drop' | undefined;
  readonly sourceRanges: readonly string[];
}

/** Collects entries and walks their chains once each. */
export class ProxyTableBuilder {
  readonly #graph: RuleGraph;
  readonly #entries = new Map<FrontendKey, Entry>();
  readonly #notUnderstood: NotUnderstood[] = [];

  constructor(graph: RuleGraph) {
    this.#graph = graph;
  }

  /** A second entry of the same key adds what the first does not know: a verdict to a chain, ranges to an address. */
  add(entry: Entry): void {
    const key = frontendKey(entry.address, entry.port, entry.protocol, 'external');
    const same = this.#entries.get(key);
    if (same === undefined) {
      this.#entries.set(key, entry);
      return;
    }
    this.#entries.set(key, {
      ...same,
      kind: same.kind === 'External' ? entry.kind : same.kind,
      service: same.service ?? entry.service,
      chain: same.chain ?? entry.chain,
      verdict: same.verdict ?? entry.verdict,
      sourceRanges: same.sourceRanges.length > 0 ? same.sourceRanges : entry.sourceRanges,
    });
  }

  notUnderstood(line: string, why: string): void {
    this.#notUnderstood.push({ line: excerptOf(line), why });
  }

  content(): Pick<ProxyTable, 'rows' | 'notUnderstood'> {
    const rows = new Map<FrontendKey, ProxyRow>();
    for (const [key, entry] of this.#entries) rows.set(key, this.#row(key, entry));
    return { rows, notUnderstood: this.#notUnderstood };
  }

  #row(key: FrontendKey, { chain, verdict, ...entry }: Entry): ProxyRow {
    let affinityTimeout = 0;
    let doubt: string | undefined;
    const answer = (source: ProxySource): ProxyAnswer => {
      const walk = chain === undefined ? undefined : walkRules(this.#graph, chain, source, entry.protocol);
      affinityTimeout = Math.max(affinityTimeout, walk?.affinityTimeout ?? 0);
      doubt ??= walk?.doubt;
      return walk === undefined || walk.answer.kind === 'pass' ? { kind: verdict ?? 'pass' } : walk.answer;
    };
    const answers = { outside: answer('outside'), pod: answer('pod'), node: answer('node') };
    return { key, ...entry, answers, affinityTimeout, doubt };
  }
}

/** `10.96.0.10/32` or `10.96.0.10` as the one address that it is; undefined: a network, negated, or none. */
export function singleAddress(text: string | undefined, family: Family): string | undefined {
  if (text === undefined) return undefined;
  const [address = '', length = family === 'ipv4' ? '32' : '128', ...more] = text.split('/');
  if (more.length > 0 || length !== (family === 'ipv4' ? '32' : '128')) return undefined;
  return canonicalAddress(address);
}

/** TCP, UDP or SCTP, in either case. */
export function transportOf(text: string | undefined): Protocol | undefined {
  const protocol = protocolOf((text ?? '').toUpperCase());
  return protocol === 'ANY' ? undefined : protocol;
}
