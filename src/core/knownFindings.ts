import type { ObjectRef } from './Finding.ts';
import type { Severity } from './Problem.ts';

/** A finding as it is remembered: without its words and numbers, which change from one run to the next. */
export interface RememberedFinding {
  readonly code: string;
  readonly variant: string;
  readonly severity: Severity;
  readonly nodes: readonly string[];
  readonly objects: readonly ObjectRef[];
}

export interface KnownFindings {
  /** Everything that it says was there before, on each of its nodes, and was as bad. */
  isKnown(finding: RememberedFinding): boolean;
  /** What was there and is not found any more, on none of its nodes. */
  gone(findings: readonly RememberedFinding[]): readonly RememberedFinding[];
}

const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 };

/** What an earlier run found, to tell from it what is new. */
export function knownFindings(before: readonly RememberedFinding[]): KnownFindings {
  const known = byObject(before);
  return {
    isKnown: (finding) => {
      const nodes = nodesOf(finding);
      return keysOf(finding).every((key) => {
        const alike = (known.get(key) ?? []).filter(({ severity }) => rank[severity] >= rank[finding.severity]);
        return nodes.every((node) => alike.some((one) => one.nodes.has(node)));
      });
    },
    gone: (findings) => {
      const present = byObject(findings);
      return before.filter((one) => {
        const nodes = nodesOf(one);
        return !keysOf(one).some((key) =>
          present.get(key)?.some((other) => nodes.some((node) => other.nodes.has(node))),
        );
      });
    },
  };
}

interface Seen {
  readonly severity: Severity;
  readonly nodes: ReadonlySet<string>;
}

/** Of each object, and not of each on each node: a finding of large clusters has thousands of both. */
function byObject(findings: readonly RememberedFinding[]): ReadonlyMap<string, readonly Seen[]> {
  const seen = new Map<string, Seen[]>();
  for (const finding of findings) {
    const one = { severity: finding.severity, nodes: new Set(nodesOf(finding)) };
    for (const key of keysOf(finding)) {
      const others = seen.get(key);
      if (others === undefined) seen.set(key, [one]);
      else others.push(one);
    }
  }
  return seen;
}

const nodesOf = ({ nodes }: RememberedFinding): readonly string[] => (nodes.length === 0 ? [''] : nodes);

/** One for each object. */
const keysOf = ({ code, variant, objects }: RememberedFinding): readonly string[] =>
  objects.length === 0
    ? [`${code} ${variant}`]
    : objects.map(({ kind, namespace = '', name }) => JSON.stringify([code, variant, kind, namespace, name]));
