import type { Finding, ObjectRef } from '../core/Finding.ts';
import type { CheckResult } from '../core/runChecks.ts';
import type { Cause, Severity } from '../core/Problem.ts';

export interface Ordered {
  readonly finding: Finding;
  readonly check: string;
  /** Codes of findings that are known to bring this one about, where it shows. */
  readonly causes: readonly string[];
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/**
 * Findings in the order in which a person should read them: errors before warnings before information, each in the
 * order of the rule book, but what brings another about stands directly before it, or further up.
 */
export function orderFindings(results: readonly CheckResult[]): Ordered[] {
  const all = results.flatMap((one) =>
    one.result === 'fail' ? one.findings.map((finding) => ({ finding, check: one.check.id })) : [],
  );
  // toSorted is stable: within a severity the order of the rule book remains.
  const bySeverity = all.toSorted((a, b) => rank[a.finding.severity] - rank[b.finding.severity]);

  const ordered = new Map<Finding, Ordered>();
  const visit = (one: (typeof all)[number], above: readonly Finding[]): void => {
    if (ordered.has(one.finding) || above.includes(one.finding)) return;
    const causes = bySeverity.filter((other) => isCauseOf(other.finding, one.finding));
    for (const cause of causes) visit(cause, [...above, one.finding]);
    ordered.set(one.finding, { ...one, causes: [...new Set(causes.map(({ finding }) => finding.code))] });
  };
  for (const one of bySeverity) visit(one, []);
  return [...ordered.values()];
}

const isCauseOf = (cause: Finding, effect: Finding): boolean =>
  effect.problem.mayFollowFrom?.some(({ code, by }) => code === cause.code && isTied(by, cause, effect)) === true;

function isTied(by: Cause['by'], cause: Finding, effect: Finding): boolean {
  switch (by) {
    case 'cluster':
      return true;
    case 'node':
      return shareNode(cause, effect);
    case 'object':
      return shareNode(cause, effect) && shareObject(cause, effect);
    default:
      return by satisfies never;
  }
}

/** What is about the cluster as a whole is about each of its nodes. */
const shareNode = ({ nodes }: Finding, other: Finding): boolean =>
  nodes.length === 0 || other.nodes.length === 0 || nodes.some((node) => other.nodes.includes(node));

const shareObject = ({ objects }: Finding, other: Finding): boolean =>
  objects.some((one) => other.objects.some((another) => isSameObject(one, another)));

const isSameObject = (one: ObjectRef, other: ObjectRef): boolean =>
  one.kind === other.kind && one.namespace === other.namespace && one.name === other.name;
