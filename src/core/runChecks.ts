import { type Fact, isKnown, type Missing, missing } from '../model/Fact.ts';
import type { ClusterFactName, NodeSnapshot, Snapshot } from '../model/Snapshot.ts';
import type { AnyCheck } from './Check.ts';
import type { Inputs } from './View.ts';
import { coveredNodes, type Derivations } from './Derivations.ts';
import { type Finding, foldByNode } from './Finding.ts';
import { type Inconclusive, isSeveral, objectionsIn, type Outcome } from './Outcome.ts';

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
  | { readonly result: 'pass' }
  | { readonly result: 'fail'; readonly findings: readonly Finding[]; readonly unknowns: readonly Unknown[] }
  | { readonly result: 'skipped'; readonly reason: string }
  | {
      readonly result: 'unknown';
      readonly unknowns: readonly Unknown[];
      /** Some nodes were judged, and nothing was found there; the others are the unknown ones. */
      readonly isPartial: boolean;
    }
);

/** Runs the checks in their order. One that throws has a bug: it is unknown then, and takes no other result with it. */
export function runChecks(checks: readonly AnyCheck[], derivations: Derivations): CheckResult[] {
  const results = checks.map((check) => runCheck(check, derivations));
  nameBlockers(results);
  return results;
}

function runCheck(check: AnyCheck, derivations: Derivations): CheckResult {
  const { facts } = derivations.snapshot;
  const { cluster = [], node: required = [] } = check.requires ?? {};
  const lacking = cluster.flatMap((name) => unknownOf(name, facts[name]));
  if (lacking.length > 0) return { check, result: 'unknown', unknowns: lacking, isPartial: false };

  const covered = coveredNodes(derivations.snapshot);
  const unread = covered.flatMap((node) =>
    required.flatMap((name) => unknownOf(name, node.facts[name], node.name)).slice(0, 1),
  );
  const unreadNames = new Set(unread.map((one) => one.node));
  const readable = covered.filter((node) => !unreadNames.has(node.name));

  const outcome = outcomeOf(check, derivations, readable);
  if (outcome instanceof Error) {
    const why = missing('unparsed', `this check has a bug: ${outcome.message}`);
    const unknowns = [{ node: undefined, fact: undefined, why, bug: outcome }];
    return { check, result: 'unknown', unknowns, isPartial: false };
  }
  const objections = objectionsIn(outcome);
  const findings = foldByNode(objections.filter((one) => one.kind === 'finding'));
  const leftOut = leftOutOf(check, derivations.snapshot);
  const known = [...unread, ...objections.filter((one) => one.kind === 'inconclusive').map(fromInconclusive)];
  const unknowns = [...known, ...leftOut];
  if (findings.length > 0) return { check, result: 'fail', findings, unknowns };
  // Not applicable as far as could be read: where nodes were not read, that is not known.
  const isApplicable = isSeveral(outcome) || outcome.kind !== 'notApplicable';
  if (unknowns.length > 0)
    return { check, result: 'unknown', unknowns, isPartial: isApplicable && leavesSome(known, readable) };
  if (!isSeveral(outcome) && outcome.kind === 'notApplicable')
    return { check, result: 'skipped', reason: outcome.reason };
  if (required.length > 0 && readable.length === 0) {
    const unknowns = [{ node: undefined, fact: undefined, why: noNode }];
    return { check, result: 'unknown', unknowns, isPartial: false };
  }
  return { check, result: 'pass' };
}

/** Objects that are no part of a list because they were not understood: of those nothing was judged. */
function leftOutOf(check: AnyCheck, { malformed }: Snapshot): Unknown[] {
  if (malformed.length === 0) return [];
  const needed = documentsOf(check);
  const byDocument = Map.groupBy(
    malformed.filter(({ document }) => needed.has(document)),
    ({ document }) => document,
  );
  return [...byDocument].map(([document, objects]) => {
    const example = objects[0] === undefined ? '' : `: ${objects[0].object}: ${objects[0].why}`;
    const more = objects.length > 1 ? ` (and ${objects.length - 1} more)` : '';
    const why = missing('unparsed', `what was not understood of ${document} was left out${example}${more}`);
    return { node: undefined, fact: document, why };
  });
}

/** What a check must know, by way of what is derived, too. */
function documentsOf({ requires, uses = [] }: Inputs): ReadonlySet<ClusterFactName> {
  return new Set([...(requires?.cluster ?? []), ...uses.flatMap((one) => [...documentsOf(one)])]);
}

/** What is unknown about no node in particular is unknown about all. */
function leavesSome(unknowns: readonly Unknown[], nodes: readonly NodeSnapshot[]): boolean {
  const unknown = new Set(unknowns.map(({ node }) => node));
  return !unknown.has(undefined) && nodes.some(({ name }) => !unknown.has(name));
}

const noNode = missing('absent', 'there is no node to examine');

function outcomeOf(check: AnyCheck, derivations: Derivations, nodes: readonly NodeSnapshot[]): Outcome | Error {
  try {
    return check.run(derivations.view(check, nodes));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const unknownOf = (fact: string, value: Fact<unknown>, node?: string): Unknown[] =>
  isKnown(value) ? [] : [{ node, fact, why: value }];

const fromInconclusive = ({ node, why }: Inconclusive): Unknown => ({ node, fact: undefined, why });

const isRefused = ({ missing: reason }: Missing): boolean => reason === 'forbidden' || reason === 'unauthenticated';

function nameBlockers(results: readonly CheckResult[]): void {
  const blockers = new Map<string, string>();
  let permissions: string | undefined;
  for (const { check, ...rest } of results) {
    if (rest.result !== 'fail') continue;
    for (const one of rest.findings) {
      if (one.problem.explainsUnknown === 'permission') permissions ??= check.id;
      if (one.problem.explainsUnknown !== 'node') continue;
      for (const node of one.nodes) if (!blockers.has(node)) blockers.set(node, check.id);
    }
  }
  for (const result of results) {
    if (result.result !== 'fail' && result.result !== 'unknown') continue;
    for (const unknown of result.unknowns) {
      const blocker =
        isRefused(unknown.why) && permissions !== undefined
          ? permissions
          : unknown.node === undefined
            ? undefined
            : blockers.get(unknown.node);
      if (blocker !== undefined && blocker !== result.check.id) unknown.blockedBy = blocker;
    }
  }
}
