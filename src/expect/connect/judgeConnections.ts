import { type TriedConnection, type Connections, type ConnectTarget, isAnswered } from '../../model/Connections.ts';

/** What connections that got no answer tell, by what else answered. */
export type ConnectLoss =
  /** The backends answer there without the address in front of them: it is lost where that is translated. */
  | { readonly kind: 'translation'; readonly connection: TriedConnection }
  /** Backends do not answer there either: the way to them is lost, or a policy forbids it. */
  | { readonly kind: 'way'; readonly connection: TriedConnection }
  /** The backends refuse, too: nobody listens in them. */
  | { readonly kind: 'refused'; readonly connection: TriedConnection }
  /** From outside, while inside of the cluster, or at other nodes, the same is answered. */
  | { readonly kind: 'outsideNode'; readonly node: string; readonly connections: readonly TriedConnection[] }
  | { readonly kind: 'outsideAddress'; readonly connection: TriedConnection }
  /** From outside nobody gets an answer of it at any node: a policy or a firewall may be about it. */
  | { readonly kind: 'outsideService'; readonly connection: TriedConnection }
  /** The same for an address that no node has by itself: somebody must lead it to one. */
  | { readonly kind: 'outsideRoute'; readonly connection: TriedConnection }
  | { readonly kind: 'outsideAll'; readonly connections: readonly TriedConnection[] };

/** What is lost of what was tried; empty: everything was answered. */
export function judgeConnections({ tried }: Connections): readonly ConnectLoss[] {
  const [outside, inside] = [tried.filter(isFromHere), tried.filter((one) => !isFromHere(one))];
  return [...inside.filter(isLost).map(lossInside), ...lossesOutside(outside)];
}

const isFromHere = ({ origin }: TriedConnection): boolean => origin.kind === 'here';
export const isLost = ({ ends }: TriedConnection): boolean => !ends.every(isAnswered);

function lossInside(connection: TriedConnection): ConnectLoss {
  const { directly, ends } = connection;
  const silent = directly.filter(({ end }) => !isAnswered(end));
  if (silent.length === 0 && directly.length > 0) return { kind: 'translation', connection };
  const isRefusal = [...ends.filter((end) => !isAnswered(end)), ...silent.map(({ end }) => end)].every(
    ({ outcome }) => outcome === 'refused',
  );
  return { kind: isRefusal && directly.length > 0 ? 'refused' : 'way', connection };
}

/** The same port of the same object. */
function serviceOf({ owner, place, type, backends }: ConnectTarget): string {
  const [backend] = backends;
  return `${owner.kind} ${owner.namespace}/${owner.name} ${type === 'NodePort' ? place.port : (backend?.place.port ?? '')}`;
}

/** @param answered what somebody outside got an answer of */
function kindOutside(target: ConnectTarget, answered: ReadonlySet<string>) {
  if (target.atNode === undefined) return 'outsideRoute';
  return answered.has(serviceOf(target)) ? 'outsideAddress' : 'outsideService';
}

function lossesOutside(tried: readonly TriedConnection[]): readonly ConnectLoss[] {
  const lost = tried.filter(isLost);
  if (lost.length === 0) return [];
  const answered = tried.filter(({ ends }) => ends.some(isAnswered));
  if (answered.length === 0) return [{ kind: 'outsideAll', connections: lost }];
  const nodes = new Set(answered.flatMap(({ target }) => target.atNode ?? []));
  const services = new Set(answered.map(({ target }) => serviceOf(target)));
  const silentNodes = Map.groupBy(
    // Where one Service alone is tried, a node that does not answer may be one of many.
    lost.filter(({ target: { atNode } }) => atNode !== undefined && !nodes.has(atNode) && nodes.size > 0),
    ({ target: { atNode } }) => atNode ?? '',
  );
  const ofNodes = new Set([...silentNodes.values()].flat());
  return [
    ...[...silentNodes].map(([node, connections]): ConnectLoss => ({ kind: 'outsideNode', node, connections })),
    ...lost
      .filter((one) => !ofNodes.has(one))
      .map((connection): ConnectLoss => ({ kind: kindOutside(connection.target, services), connection })),
  ];
}
