import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, type Outcome, passUnless } from '../../src/core/Outcome.ts';
import { isLost, judgeConnections, type ConnectLoss } from '../../src/expect/connect/judgeConnections.ts';
import { isStarved } from '../../src/expect/reach/reachMatrix.ts';
import { ownerName } from '../../src/expect/lb/OwnerRef.ts';
import {
  type TriedConnection,
  type ConnectOrigin,
  type ConnectPlace,
  isAnswered,
} from '../../src/model/Connections.ts';
import { missing } from '../../src/model/Fact.ts';
import type { NodeFrame } from '../../src/model/Snapshot.ts';
import { bracketed } from '../../src/model/lb/address.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr4010 } from './problems/KPR4010.ts';

/** So many addresses are named in one finding; all that was tried stands in the JSON document. */
const maxShown = 3;

/**
 * Only where somebody asked for real connections: tables may be right and packets lost all the same. What got no answer
 * was tried at the backends directly, so that translation, way and pods are told apart.
 */
export const connectionsAnswered = defineCheck({
  id: 'connections-answered',
  title: 'Connections to what the tables serve are answered',
  phases: ['doctor', 'verify'],
  raises: [kpr4010],
  optional: { node: ['reachProbe'] },
  run({ frame: { connections, nodes }, nodes: views }): Outcome<'KPR4010'> {
    if (connections === undefined) return notApplicable('no connections were asked for (--connect)');
    const unable = connections.unable.map(({ origin, why }) => inconclusive(why, nodeOf(origin)));
    if (connections.tried.length === 0 && unable.length === 0)
      return inconclusive(missing('absent', 'there was nothing that could be tried from there'));
    const slow = new Set(views.filter(({ facts }) => isStarved(facts.reachProbe)).map(({ name }) => name));
    const [untold, told] = partition(connections.tried, (one) => isLost(one) && mayBeSlow(one, slow));
    const losses = judgeConnections({ ...connections, tried: told });
    const unknown = new Set(untold.map(({ origin }) => nodeOf(origin)));
    return passUnless([
      ...together(losses).map((one) => findingOf(one, nodes)),
      ...unable,
      ...[...unknown].map((node) => inconclusive(starved, node)),
    ]);
  },
});

const starved = missing(
  'timeout',
  'connections were not answered in time, and the node, or one with pods behind them, had no processor to spare',
);

/** Whether nothing but time ran out, on a node that had no processor to spare, or for a pod there. */
function mayBeSlow({ origin, target, ends }: TriedConnection, slow: ReadonlySet<string>): boolean {
  const isLate = ends.every((end) => isAnswered(end) || end.outcome === 'timeout');
  const places = [nodeOf(origin), target.atNode, ...target.backends.map(({ node }) => node)];
  return isLate && places.some((node) => node !== undefined && slow.has(node));
}

function partition<T>(all: readonly T[], isMeant: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isMeant), all.filter((one) => !isMeant(one))];
}

type Told = readonly [ConnectLoss, ...ConnectLoss[]];

const nodeOf = (origin: ConnectOrigin): string | undefined => (origin.kind === 'here' ? undefined : origin.node);

const connectionsOf = (loss: ConnectLoss): readonly TriedConnection[] =>
  'connections' in loss ? loss.connections : [loss.connection];

/** What is lost alike from one place is one finding; and alike on many nodes it is folded. */
const together = (losses: readonly ConnectLoss[]): readonly Told[] =>
  [...Map.groupBy(losses, (loss) => `${loss.kind} ${placesOf(loss)}`).values()].flatMap(([first, ...others]): Told[] =>
    first === undefined ? [] : [[first, ...others]],
  );

function placesOf(loss: ConnectLoss): string {
  const [connection] = connectionsOf(loss);
  if (loss.kind === 'outsideNode' || connection === undefined) return 'node' in loss ? loss.node : '';
  return loss.kind === 'outsideAddress' ? (connection.target.atNode ?? '') : originText(connection.origin);
}

function findingOf(losses: Told, nodes: readonly NodeFrame[]): Finding<'KPR4010'> {
  const [first] = losses;
  const all = losses.flatMap(connectionsOf);
  const [connection] = all;
  const from = connection === undefined ? '' : beginning(connection.origin);
  const targets = listFirst([...new Set(all.map(targetText))], maxShown);
  const about = {
    objects: objectsOf(all),
    evidence: all.slice(0, maxShown).map((one) => evidenceOf(one, nodes)),
    nodes: nodesOf(first, connection),
  };
  switch (first.kind) {
    case 'translation':
      return finding(kpr4010, 'translation', { from, targets, share: shareOf(all) }, about);
    case 'way':
      return finding(kpr4010, 'way', { from, targets, pods: silentPods(all) }, { ...about, layer: 'network' });
    case 'refused':
      return finding(kpr4010, 'refused', { from, targets }, about);
    case 'outsideNode':
      return finding(kpr4010, 'outsideNode', { targets }, about);
    case 'outsideAddress':
      return finding(kpr4010, 'outsideAddress', { targets, share: shareOf(all) }, about);
    case 'outsideService':
      return finding(kpr4010, 'outsideService', { targets }, about);
    case 'outsideRoute':
      return finding(kpr4010, 'outsideRoute', { targets }, { ...about, layer: 'network' });
    case 'outsideAll':
      return finding(kpr4010, 'outsideAll', { targets }, { ...about, layer: 'network' });
  }
}

function nodesOf(loss: ConnectLoss, connection: TriedConnection | undefined): string[] {
  if (loss.kind === 'outsideNode') return [loss.node];
  if (connection === undefined) return [];
  const node = loss.kind === 'outsideAddress' ? connection.target.atNode : nodeOf(connection.origin);
  return node === undefined ? [] : [node];
}

/** Without the node, which stands beside: what is alike on many is said once. */
const beginning = (origin: ConnectOrigin): string =>
  origin.kind === 'pod'
    ? `the pod ${origin.namespace}/${origin.name}`
    : origin.kind === 'probePod'
      ? 'a pod that was made on the node'
      : 'the node';

const originText = (origin: ConnectOrigin): string =>
  origin.kind === 'here' ? 'here' : origin.kind === 'node' ? origin.node : `${origin.namespace}/${origin.name}`;

const placeText = ({ address, port, protocol }: ConnectPlace): string => `${bracketed(address)}:${port}/${protocol}`;

/** `shop/cart (ClusterIP 10.96.0.9:80/TCP)`, without the address of a node, which stands beside. */
const targetText = ({ target: { owner, type, place, atNode }, origin }: TriedConnection): string =>
  `${ownerName(owner)} (${type} ${atNode !== undefined && origin.kind === 'here' ? `${place.port}/${place.protocol}` : placeText(place)})`;

function shareOf(all: readonly TriedConnection[]): string {
  const ends = all.flatMap((one) => one.ends);
  const lost = ends.filter((end) => !isAnswered(end)).length;
  return lost === ends.length ? 'all' : `${lost} of ${ends.length}`;
}

const silentPods = (all: readonly TriedConnection[]): string =>
  listFirst(
    [
      ...new Set(
        all.flatMap(({ directly }) =>
          directly
            .filter(({ end }) => !isAnswered(end))
            .map(({ place, node }) => `${placeText(place)}${node === undefined ? '' : ` on ${node}`}`),
        ),
      ),
    ],
    maxShown,
  );

const objectsOf = (all: readonly TriedConnection[]): ObjectRef[] => [
  ...new Map(all.map(({ target: { owner } }) => [`${owner.kind} ${ownerName(owner)}`, owner])).values(),
];

/** What was tried, and how a person tries the same. */
function evidenceOf(
  { origin, target: { place }, ends, directly }: TriedConnection,
  nodes: readonly NodeFrame[],
): Evidence {
  const node = nodeOf(origin);
  const lines = [
    `${placeText(place)}: ${ends.map(({ outcome, detail }) => `${outcome} ${detail}`.trim()).join(', ')}`,
    ...directly.map(({ place: pod, end }) => `directly ${placeText(pod)}: ${end.outcome} ${end.detail}`.trim()),
  ];
  return { command: commandOf(origin, place, nodes), lines, decides: 0, ...(node !== undefined && { node }) };
}

/** A pod that was made for it is gone. */
function commandOf(origin: ConnectOrigin, { address, port }: ConnectPlace, nodes: readonly NodeFrame[]): string {
  if (origin.kind === 'probePod')
    return `kubectl kpr doctor --connect --probe-pod --node ${origin.node} --check connections-answered`;
  return `${execIn(origin, nodes)}timeout 3 bash -c '</dev/tcp/${address}/${port} && echo open'`;
}

function execIn(origin: Exclude<ConnectOrigin, { readonly kind: 'probePod' }>, nodes: readonly NodeFrame[]): string {
  if (origin.kind === 'here') return '';
  const pod = origin.kind === 'pod' ? origin : nodes.find(({ name }) => name === origin.node)?.agent;
  return pod === undefined ? '' : `kubectl -n ${pod.namespace} exec ${pod.name} -c ${pod.container} -- `;
}
