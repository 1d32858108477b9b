import { isKnown, type Missing, missing } from '../model/Fact.ts';
import type { ClusterFactName, NodeSnapshot } from '../model/Snapshot.ts';
import type { AnyCheck, AnyCheckInput, Undecided } from './Check.ts';
import type { Derivations } from './Derivations.ts';
import { type Evidence, type Finding, foldByNode } from './Finding.ts';

/** Why something was not judged: on one node, or (node undefined) at all. */
export interface Unknown {
  readonly node: string | undefined;
  readonly fact: string | undefined;
  readonly why: Missing;
  /** What the check threw, when that is the reason. */
  readonly bug?: Error;
  /** The id of the failed check that explains it, e.g. the one that found the agent hung. */
  blockedBy?: string;
}

/** Exactly one for each check. `fail` may have unknowns beside its findings; a `pass` never has any. */
export type CheckResult = { readonly check: AnyCheck } & (
  | { readonly result: 'pass'; readonly nodes: number }
  | { readonly result: 'fail'; readonly findings: readonly Finding[]; readonly unknowns: readonly Unknown[] }
  | { readonly result: 'skipped'; readonly reason: string }
  | { readonly result: 'unknown'; readonly unknowns: readonly Unknown[] }
);

/** Runs the checks in their order. One that throws has a bug: it is unknown then, and takes no other result with it. */
export function runChecks(checks: readonly AnyCheck[], derivations: Derivations): CheckResult[] {
  const results = checks.map((check) => runCheck(check, derivations));
  nameBlockers(results);
  return results;
}

function runCheck(check: AnyCheck, derivations: Derivations): CheckResult {
  const { snapshot } = derivations;
  const lacking = check.needs.cluster.flatMap((name) => unknownOf(name, snapshot.facts[name]));
  if (lacking.length > 0) return { check, result: 'unknown', unknowns: lacking };

  const covered = snapshot.nodes.filter((node) => node.coverage.kind === 'covered');
  const unread = covered.flatMap((node) =>
    check.needs.node.flatMap((name) => unknownOf(name, node.facts[name], node.name)).slice(0, 1),
  );
  const unreadNames = new Set(unread.map((one) => one.node));
  const readable = covered.filter((node) => !unreadNames.has(node.name));

  const outcome = outcomeOf(check, inputFor(check, derivations, readable));
  if (outcome instanceof Error) {
    const why = missing('unparsed', `this check has a bug: ${outcome.message}`);
    return { check, result: 'unknown', unknowns: [{ node: undefined, fact: undefined, why, bug: outcome }] };
  }
  if ('kind' in outcome) {
    // Not applicable as far as could be read: where nodes were not read, that is not known.
    return unread.length > 0
      ? { check, result: 'unknown', unknowns: unread }
      : { check, result: 'skipped', reason: outcome.reason };
  }
  const findings = foldByNode(outcome.filter((one) => one.kind === 'finding'));
  const unknowns = [...unread, ...outcome.filter((one) => one.kind === 'undecided').map(fromUndecided)];
  if (findings.length > 0) return { check, result: 'fail', findings, unknowns };
  if (unknowns.length > 0) return { check, result: 'unknown', unknowns };
  if (check.needs.node.length > 0 && readable.length === 0) {
    return { check, result: 'unknown', unknowns: [{ node: undefined, fact: undefined, why: noNode }] };
  }
  return { check, result: 'pass', nodes: readable.length };
}

const noNode = missing('absent', 'there is no node to examine');

function outcomeOf(check: AnyCheck, input: AnyCheckInput): ReturnType<AnyCheck['run']> | Error {
  try {
    return check.run(input);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const unknownOf = (fact: string, value: object, node?: string): Unknown[] =>
  isMissing(value) ? [{ node, fact, why: value }] : [];

const isMissing = (value: object): value is Missing => 'missing' in value;

const fromUndecided = (one: Undecided): Unknown => ({ node: one.node, fact: undefined, why: one.why });

// The facts that a check needs are known by now; it cannot name others, because its input's type has no others.
const values = (names: readonly string[], facts: object): never =>
  Object.fromEntries(
    Object.entries(facts).flatMap(([name, fact]) =>
      names.includes(name) && isKnown(fact) ? [[name, fact.value]] : [],
    ),
  ) as never;

function inputFor(check: AnyCheck, derivations: Derivations, nodes: readonly NodeSnapshot[]): AnyCheckInput {
  const { snapshot } = derivations;
  const view = derivations.view({ uses: check.uses }, nodes);
  const clusterEvidence = (name: ClusterFactName, excerpt: string): Evidence => {
    const fact = snapshot.facts[name];
    return { command: fact.source ?? '', excerpt };
  };
  return {
    snapshot,
    cluster: values(check.needs.cluster, snapshot.facts),
    derived: view.derived,
    nodes: nodes.map((node, index) => ({
      derived: view.nodes[index]?.derived ?? view.derived,
      name: node.name,
      snapshot: node,
      facts: values(check.needs.node, node.facts),
      evidence: (name, excerpt) => {
        const fact = node.facts[name];
        return { node: node.name, command: fact.source ?? '', excerpt };
      },
    })),
    evidence: clusterEvidence,
  };
}

function nameBlockers(results: readonly CheckResult[]): void {
  const blockers = new Map<string, string>();
  let permissions: string | undefined;
  for (const { check, ...rest } of results) {
    if (rest.result !== 'fail') continue;
    for (const one of rest.findings) {
      const explains = one.problem.explainsUnknown ?? [];
      if (explains.includes('permission')) permissions ??= check.id;
      if (!explains.includes('node')) continue;
      for (const node of one.nodes) if (!blockers.has(node)) blockers.set(node, check.id);
    }
  }
  for (const result of results) {
    if (result.result !== 'fail' && result.result !== 'unknown') continue;
    for (const unknown of result.unknowns) {
      const blocker =
        unknown.why.missing === 'forbidden' && permissions !== undefined
          ? permissions
          : unknown.node === undefined
            ? undefined
            : blockers.get(unknown.node);
      if (blocker !== undefined && blocker !== result.check.id) unknown.blockedBy = blocker;
    }
  }
}
