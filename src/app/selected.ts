import { coveredNodes } from '../core/Derivations.ts';
import { KprError, usageError } from '../core/KprError.ts';
import { type Fact, isKnown } from '../model/Fact.ts';
import type { Service } from '../model/kubernetes.ts';
import type { MalformedObject, NodeSnapshot, Snapshot } from '../model/Snapshot.ts';
import { coverageOf, nothingRead } from '../report/coverage.ts';
import { listFirst } from '../text/names.ts';
import { suggest } from '../text/suggest.ts';

// What was selected must select something, and something of it must have been read. Each throws KprError (exit code 2)
// where that is not so: an answer about nothing would read like a good one.

/** A node that is named has to have something to examine. */
export function refuseExcludedNodes({ nodes }: Snapshot, selected: ReadonlySet<string> | undefined): void {
  for (const { name, coverage } of nodes)
    if (selected?.has(name) === true && coverage.kind === 'excluded')
      throw usageError(`Node ${name} has no agent: ${coverage.why}`, 'Leave it out; kubectl get nodes lists them all');
}

interface Objects {
  readonly facts: { readonly services: Fact<readonly Service[]> };
  readonly malformed?: readonly MalformedObject[];
}

/** A namespace has to hold a Service in one of the readings; where the Services of one can't be read, nobody knows. */
export function refuseEmptyNamespace(namespace: string | undefined, readings: readonly Objects[]): void {
  if (namespace === undefined || readings.some(({ facts }) => !isKnown(facts.services))) return;
  const names = new Set(readings.flatMap(namespacesOf));
  if (names.has(namespace)) return;
  const meant = suggest(namespace, [...names]);
  throw usageError(
    `There is no Service in namespace ${namespace}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    names.size === 0
      ? 'There is no Service at all'
      : `Namespaces with Services: ${listFirst([...names].toSorted(), 10)}`,
  );
}

function namespacesOf({ facts: { services }, malformed = [] }: Objects): readonly string[] {
  const readable = isKnown(services) ? services.value.map(({ metadata }) => metadata.namespace ?? '') : [];
  const damaged = malformed.filter(({ document }) => document === 'services');
  return [...readable, ...damaged.map(({ object }) => object.split('/')[0] ?? '')];
}

/** Where no node was read by its agent there is nothing to tell of. */
export function refuseUnread(snapshot: Snapshot): void {
  const coverage = coverageOf(snapshot);
  if (coverage.read > 0) return;
  const { message, hint } = nothingRead(coverage, snapshot.facts);
  throw new KprError(message, hint);
}

/** The same for what a kube-proxy without an agent may tell, too. */
export function refuseBlank(snapshot: Snapshot, what: string): void {
  if (snapshot.nodes.some(isAnythingKnown)) return;
  const why = coveredNodes(snapshot)
    .flatMap(({ name, facts: { status } }) => (isKnown(status) ? [] : [`${name}: ${status.detail}`]))
    .at(0);
  throw new KprError(
    `Nothing was read of any node of ${what}${why === undefined ? '' : `; ${why}`}`,
    'Capture again while nodes answer: kubectl kpr capture -o FILE',
  );
}

const isAnythingKnown = ({ facts }: NodeSnapshot): boolean =>
  Object.values<Fact<unknown>>({ ...facts }).some((fact) => isKnown(fact));
