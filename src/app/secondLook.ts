import { frame, planFor } from '../collect/planFor.ts';
import type { CollectPlan } from '../collect/RawSource.ts';
import { coveredNodes, type Derivations } from '../core/Derivations.ts';
import type { FactNames, Inputs } from '../core/View.ts';
import { leftoverNodes } from '../expect/kube-proxy/leftoverNodes.ts';
import { type Difference, isFirm } from '../expect/parity/Difference.ts';
import { tableParity } from '../expect/parity/tableParity.ts';
import { type SliceDrift, sliceDrift } from '../expect/served/sliceDrift.ts';
import { atAllAddresses, partsOf } from '../model/lb/keys.ts';
import { answersOf } from '../knowledge/nodeCommands.ts';
import { isKnown } from '../model/Fact.ts';
import type { AnswerName } from '../model/raw.ts';
import { listNames } from '../text/names.ts';

/** A dump of rules may be large, and on most nodes they are alike: counters are read again on a few only. */
const maxCounterNodes = 8;

/** They travel to the node, 20 bytes each. */
const maxAgentRows = 2000;

/** Of more namespaces the pods are listed as one. */
const maxNamespaces = 8;

/** What is to be looked at a second time, and no more than that. */
export interface SecondLook {
  readonly isNeeded: boolean;
  readonly plan: CollectPlan;
  /** For whoever waits. */
  readonly sentences: readonly string[];
  /** Of what a later reading may say more, once there was a second one. */
  openIn(derivations: Derivations): readonly string[];
}

/** @param counters whether it is of interest that packets meet rules that are left */
export function secondLook(first: Derivations, plan: CollectPlan, counters: boolean): SecondLook {
  const differing = plan.answers.has('lbList') ? orNone(() => differingNodes(first)) : [];
  const drifting = lists.every((name) => plan.documents.has(name)) ? driftIn(first).namespaces : new Set<string>();
  const isDrifting = drifting.size > 0;
  const counted = countersOf.filter((name) => plan.answers.has(name));
  const isCounting = counters && counted.length > 0 && differing.length <= maxCounterNodes;
  const leftover = isCounting ? orNone(() => first.of(leftoverNodes)).slice(0, maxCounterNodes) : [];
  const nodes = new Set([...differing, ...leftover]);
  const documents = [...frame, ...(differing.length > 0 ? tables.documents : []), ...(isDrifting ? lists : [])];
  const { snapshot } = first;
  return {
    isNeeded: nodes.size > 0 || isDrifting,
    plan: {
      ...planFor([], { ...plan, probe: false }),
      nodes,
      silentAgents: new Set(snapshot.nodes.filter(({ facts }) => !isKnown(facts.status)).map(({ name }) => name)),
      documents: new Set(documents.filter((name) => plan.documents.has(name))),
      podsAgain: podsDecide(first, differing) || drifting.size > maxNamespaces ? undefined : drifting,
      answers: new Set([...(differing.length > 0 ? tables.answers : []), ...(leftover.length > 0 ? counted : [])]),
      agentRows: agentRowsOf(first, differing),
    },
    sentences: [
      ...(differing.length > 0 ? [`${listNames(differing)}: not as the API requires, looking a second time`] : []),
      ...(leftover.length > 0
        ? [`${listNames(leftover)}: kube-proxy’s rules are left, looking whether packets meet them`]
        : []),
      ...(isDrifting ? ['EndpointSlices and pods: not alike, looking a second time'] : []),
    ],
    openIn: (derivations) => [...orNone(() => openNodes(derivations)), ...openLists(isDrifting, derivations)],
  };
}

/** What a derived fact, or what it is made of, looks at a second time. */
const rereadsOf = ({ reread, uses = [] }: Inputs): readonly FactNames[] => [
  ...(reread === undefined ? [] : [reread]),
  ...uses.flatMap(rereadsOf),
];

/** Of the comparison of tables. */
const tables = {
  documents: rereadsOf(tableParity).flatMap(({ cluster = [] }) => cluster),
  answers: rereadsOf(tableParity).flatMap(({ node = [] }) => node.flatMap((name) => answersOf[name])),
};

/** Of the comparison of EndpointSlices with pods. */
const lists = rereadsOf(sliceDrift).flatMap(({ cluster = [] }) => cluster);

/** Where EndpointSlices and pods are not alike, and whether a later reading may say more. */
function driftIn(derivations: Derivations): { readonly namespaces: ReadonlySet<string>; readonly isOpen: boolean } {
  const none: SliceDrift = { firm: [], open: [] };
  const [{ firm, open } = none] = orNone(() => {
    const found = derivations.of(sliceDrift);
    return 'missing' in found ? [] : [found];
  });
  const namespaces = new Set([...firm, ...open].map(({ service }) => service.metadata.namespace ?? ''));
  return { namespaces, isOpen: open.length > 0 };
}

const openLists = (isDrifting: boolean, derivations: Derivations): readonly string[] =>
  isDrifting && driftIn(derivations).isOpen ? ['EndpointSlices'] : [];

/**
 * Whether pods themselves, rather than the EndpointSlices made of them, may tell why rows differ: by a hostPort or a
 * redirect. Most of what a large cluster's API has is pods.
 */
function podsDecide(derivations: Derivations, nodes: readonly string[]): boolean {
  const { localRedirectPolicies } = derivations.snapshot.facts;
  if (isKnown(localRedirectPolicies) && localRedirectPolicies.value.length > 0) return true;
  return nodes.some((name) => differencesOn(derivations, name).some(isOfPod));
}

/** Of nodes on which no more rows differ than that: their agents need not say all that they know. */
function agentRowsOf(derivations: Derivations, nodes: readonly string[]): CollectPlan['agentRows'] {
  return new Map(
    nodes.flatMap((name) => {
      const rows = differencesOn(derivations, name).flatMap(agentRowsFor);
      return rows.length > maxAgentRows ? [] : [[name, [...new Set(rows)]] as const];
    }),
  );
}

/** An orphan may be known to its agent by its own address, or by that of all. */
const agentRowsFor = ({ frontend, agentKey }: Difference): readonly string[] =>
  [frontend, agentKey].flatMap((key) => {
    const parts = partsOf(key);
    return [parts.address, partsOf(atAllAddresses(parts, parts.scope)).address].map(
      (address) => `${address} ${parts.port}`,
    );
  });

function isOfPod(difference: Difference): boolean {
  const firm = isFirm(difference) ? difference : difference.underlying;
  if (firm.owner?.kind === 'Pod' || firm.type === 'HostPort' || firm.type === 'LocalRedirect') return true;
  return firm.kind === 'wrongProperties' && firm.properties.some(({ property }) => property === 'type');
}

const countersOf: readonly AnswerName[] = [...answersOf.iptables, ...answersOf.conntrack];

const differingNodes = (derivations: Derivations): readonly string[] =>
  coveredNodes(derivations.snapshot).flatMap(({ name }) => (differencesOn(derivations, name).length > 0 ? [name] : []));

/** Nodes of which a later reading may say more. */
const openNodes = (derivations: Derivations): readonly string[] =>
  coveredNodes(derivations.snapshot).flatMap(({ name }) =>
    differencesOn(derivations, name).some(({ kind }) => kind === 'settling') ? [name] : [],
  );

/** None of a node that cannot be judged. */
function differencesOn(derivations: Derivations, node: string): readonly Difference[] {
  const parity = derivations.on(tableParity, node);
  return parity.judged ? parity.differences : [];
}

/**
 * None where the comparison itself has a bug: the check that is made of it says so, and the others are
 * still to be heard.
 */
function orNone<T>(find: () => readonly T[]): readonly T[] {
  try {
    return find();
  } catch {
    return [];
  }
}
