import { imageVersion } from '../../knowledge/version.ts';
import { isKnown, type Missing, missing, valueOf } from '../../model/Fact.ts';
import type { EndpointSlice } from '../../model/kubernetes.ts';
import type { LbTable } from '../../model/lb/LbTable.ts';
import type { NodeFacts } from '../../model/NodeFacts.ts';
import type { ClusterFacts, NodeSnapshot, SecondReading, Snapshot } from '../../model/Snapshot.ts';
import { compareTables } from './compareTables.ts';
import type { Difference } from './Difference.ts';
import type { ExpectedTable } from '../lb/ExpectedTable.ts';
import { expectNodeOf } from '../lb/ExpectNode.ts';
import { type ApiObjects, type ExpectInput, expectTable } from '../lb/expectTable.ts';
import { lbConfigOf } from '../lb/LbConfig.ts';
import { SharedExpectations } from '../lb/SharedExpectations.ts';
import { type ApiChanges, changesBetween, confirm, settle } from './settle.ts';

/** One node's table judged: what it must hold, what it holds, and what differs for sure or for now. */
export type NodeParity = { readonly node: string } & (
  | {
      readonly judged: true;
      readonly expected: ExpectedTable;
      readonly found: LbTable;
      readonly differences: readonly Difference[];
    }
  | { readonly judged: false; readonly why: Missing }
);

const done = new WeakMap<Snapshot, ReadonlyMap<string, NodeParity>>();

/** Every covered node against the API; computed once for a snapshot. Covered nodes that can't be judged say why. */
export function tableParity(snapshot: Snapshot): ReadonlyMap<string, NodeParity> {
  const known = done.get(snapshot);
  if (known !== undefined) return known;
  const objects = apiObjects(snapshot.facts);
  const second = snapshot.secondReading === undefined ? undefined : apiObjects(snapshot.secondReading.facts);
  const changes = changesOf(snapshot, objects, second);
  const shared = new SharedExpectations();
  const result = new Map(
    snapshot.nodes
      .filter(({ coverage }) => coverage.kind === 'covered')
      .map((node) => [node.name, judge(snapshot, node, { objects, second, changes, shared })]),
  );
  done.set(snapshot, result);
  return result;
}

interface Readings {
  readonly objects: ApiObjects | Missing;
  readonly second: ApiObjects | Missing | undefined;
  readonly changes: ApiChanges;
  readonly shared: SharedExpectations;
}

function judge(snapshot: Snapshot, node: NodeSnapshot, readings: Readings): NodeParity {
  const { objects, second, changes, shared } = readings;
  const { name, facts } = node;
  if ('missing' in objects) return { node: name, judged: false, why: objects };
  if (!isKnown(facts.lbTable)) return { node: name, judged: false, why: facts.lbTable };
  const first = compare(snapshot, snapshot.facts, node, facts, objects);
  if ('missing' in first) return { node: name, judged: false, why: first };
  const again = rereadOf(snapshot.secondReading, name);
  const table =
    again === undefined || second === undefined || 'missing' in second || first.differences.length === 0
      ? first
      : confirmed(first, compare(snapshot, again.facts, node, again.node, second));
  const moment = { changes, agentAgeSeconds: ageOf(node, snapshot.takenAt) };
  return {
    node: name,
    judged: true,
    expected: shared.share(table.expected),
    found: table.found,
    differences: settle(table.differences, moment),
  };
}

interface Compared {
  readonly expected: ExpectedTable;
  readonly found: LbTable;
  readonly differences: readonly Difference[];
}

function compare(
  snapshot: Snapshot,
  cluster: ClusterFacts,
  node: NodeSnapshot,
  facts: NodeFacts,
  objects: ApiObjects,
): Compared | Missing {
  const found = facts.lbTable;
  if (!isKnown(found)) return found;
  const expected = expectedOf(snapshot, cluster, node, objects);
  if ('missing' in expected) return expected;
  return { expected, found: found.value, differences: compareTables(expected, found.value, valueOf(facts.agentTable)) };
}

/** What the API asks a node to hold, also when nothing is known of what it does hold. */
export function expectedOn(snapshot: Snapshot, node: NodeSnapshot): ExpectedTable | Missing {
  const objects = apiObjects(snapshot.facts);
  return 'missing' in objects ? objects : expectedOf(snapshot, snapshot.facts, node, objects);
}

function expectedOf(
  snapshot: Snapshot,
  cluster: ClusterFacts,
  node: NodeSnapshot,
  objects: ApiObjects,
): ExpectedTable | Missing {
  const input = expectInputOf(snapshot, cluster, node);
  return 'missing' in input ? input : expectTable({ ...input, objects });
}

/** By what a node is told from others: its name and addresses, and how its agent is configured. */
export function expectInputOf(
  snapshot: Snapshot,
  cluster: ClusterFacts,
  node: NodeSnapshot,
): Omit<ExpectInput, 'objects'> | Missing {
  const object = (valueOf(cluster.nodes) ?? valueOf(snapshot.facts.nodes))?.find(
    ({ metadata }) => metadata.name === node.name,
  );
  const settings = valueOf(node.facts.startedConfig) ?? valueOf(snapshot.facts.ciliumConfig);
  if (object === undefined) return missing('absent', 'the API has no such node');
  if (settings === undefined)
    return missing('notCollected', 'neither the agent’s configuration nor cilium-config was read');
  const version = versionOn(snapshot, node);
  if (version === undefined) return missing('notCollected', 'no agent told its version, by which rows differ');
  return {
    node: expectNodeOf(object, valueOf(node.facts.nodeAddresses)),
    config: lbConfigOf(settings, version),
  };
}

const confirmed = (first: Compared, second: Compared | Missing): Compared =>
  'missing' in second ? first : { ...second, differences: confirm(first.differences, second.differences) };

function rereadOf(
  second: SecondReading | undefined,
  node: string,
): { facts: ClusterFacts; node: NodeFacts } | undefined {
  const facts = second?.nodes.get(node);
  return second === undefined || facts === undefined ? undefined : { facts: second.facts, node: facts };
}

/** A hung agent does not tell its version: another's (KPR1006 tells when they differ) or the image's has to do. */
function versionOn({ nodes, facts, cilium }: Snapshot, node: NodeSnapshot): string | undefined {
  const images = (valueOf(facts.daemonSets) ?? [])
    .filter(({ metadata }) => metadata.namespace === cilium.namespace && cilium.agentDaemonSets.includes(metadata.name))
    .flatMap(({ spec }) => spec?.template?.spec?.containers ?? [])
    .filter(({ name }) => name === 'cilium-agent')
    .map(({ image }) => imageVersion(image)?.version);
  return [node, ...nodes]
    .map(({ facts }) => valueOf(facts.status)?.version)
    .concat(images)
    .find((version) => version !== undefined);
}

/** What rows are computed from; missing where one of those that every row depends on is. */
export function apiObjects({
  services,
  endpointSlices,
  pods,
  localRedirectPolicies,
}: ClusterFacts): ApiObjects | Missing {
  if (!isKnown(services)) return services;
  if (!isKnown(endpointSlices)) return endpointSlices;
  return {
    services: services.value,
    endpointSlices: endpointSlices.value,
    pods: valueOf(pods),
    localRedirectPolicies: valueOf(localRedirectPolicies),
  };
}

/** undefined also for an agent that does not answer: nothing gets better there by waiting. */
function ageOf({ agent, facts }: NodeSnapshot, takenAt: string): number | undefined {
  if (!isKnown(facts.status)) return undefined;
  const seconds =
    agent?.startedAt === undefined ? Number.NaN : (Date.parse(takenAt) - Date.parse(agent.startedAt)) / 1000;
  // Clocks of two machines differ: a start in the future says nothing.
  return seconds >= 0 ? seconds : undefined;
}

/** How long before a reading a change may be, to be on its way still when nobody looked twice. */
const recentSeconds = 30;

function changesOf(
  { takenAt }: Snapshot,
  first: ApiObjects | Missing,
  second: ApiObjects | Missing | undefined,
): ApiChanges {
  if ('missing' in first) return none;
  if (second !== undefined && !('missing' in second)) return changesBetween(first, second);
  const isOld = (time: string | null | undefined): boolean => !isRecent(time, takenAt);
  const services = first.services.filter(({ metadata }) => isOld(metadata.creationTimestamp));
  const endpointSlices = first.endpointSlices.filter((slice) => isOld(lastChangeOf(slice)));
  const isSame = services.length === first.services.length && endpointSlices.length === first.endpointSlices.length;
  return isSame ? none : changesBetween({ ...first, services, endpointSlices }, first);
}

const none: ApiChanges = { owners: new Set(), addresses: new Set(), nodePorts: new Set() };

/** The EndpointSlice controller notes which change of a pod or Service made it write (endpointslice/trigger_time_tracker.go). */
const lastChangeOf = ({ metadata }: EndpointSlice): string | null | undefined =>
  metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time'] ?? metadata.creationTimestamp;

const isRecent = (time: string | null | undefined, takenAt: string): boolean =>
  typeof time === 'string' && (Date.parse(takenAt) - Date.parse(time)) / 1000 < recentSeconds;
