import type { Drop, ReachProbe, ReachTry } from '../../src/model/NodeFacts.ts';
import { aTry } from './healthy.ts';

export interface Tried {
  readonly nodes?: readonly string[];
  /** What there is on each node: a health endpoint and two pods, unless said. */
  readonly kinds?: readonly ReachTry['kind'][];
  /** How one thing is answered; everything open, unless said. */
  readonly answer?: (from: string, to: string, kind: ReachTry['kind'], address: string) => ReachTry['outcome'];
  readonly detail?: string;
  readonly lagMs?: Readonly<Record<string, number>>;
  readonly drops?: readonly Drop[];
  /** Both families, or IPv4 alone. */
  readonly prefixes?: readonly string[];
}

/** Each node has asked all others and itself; nobody asks itself by its own address. */
export function tried({
  nodes = ['n1', 'n2', 'n3'],
  kinds = ['health', 'pod', 'pod', 'node'],
  answer = () => 'open',
  detail = '',
  lagMs = {},
  drops = [],
  prefixes = ['10.244.'],
}: Tried = {}): { readonly nodes: Readonly<Record<string, { readonly reachProbe: ReachProbe }>> } {
  const triesOf = (from: string): ReachTry[] =>
    prefixes.flatMap((prefix) =>
      nodes.flatMap((to) =>
        kinds
          .filter((kind) => kind !== 'node' || to !== from)
          .map((kind, i) => {
            const address = `${prefix}${nodes.indexOf(to) + 1}${prefix.includes(':') ? ':' : '.'}${i + 1}`;
            const outcome = answer(from, to, kind, address);
            return aTry(to, kind, address, 80, outcome, outcome === 'open' ? '' : detail);
          }),
      ),
    );
  return {
    nodes: Object.fromEntries(
      nodes.map((name) => [
        name,
        { reachProbe: { from: name, tries: triesOf(name), drops: [...drops], lagMs: lagMs[name] ?? 0 } },
      ]),
    ),
  };
}
