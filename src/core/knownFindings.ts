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
  const worst = new Map<string, number>();
  for (const one of before)
    for (const key of keysOf(one)) worst.set(key, Math.max(worst.get(key) ?? 0, rank[one.severity]));
  return {
    isKnown: (finding) => keysOf(finding).every((key) => (worst.get(key) ?? -1) >= rank[finding.severity]),
    gone: (findings) => {
      const present = new Set(findings.flatMap(keysOf));
      return before.filter((one) => !keysOf(one).some((key) => present.has(key)));
    },
  };
}

/** One for each object on each node. */
function keysOf({ code, variant, nodes, objects }: Omit<RememberedFinding, 'severity'>): readonly string[] {
  const names =
    objects.length === 0 ? [''] : objects.map(({ kind, namespace = '', name }) => `${kind} ${namespace}/${name}`);
  return (nodes.length === 0 ? [''] : nodes).flatMap((node) =>
    names.map((name) => JSON.stringify([code, variant, node, name])),
  );
}
