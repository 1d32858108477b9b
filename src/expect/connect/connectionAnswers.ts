import {
  type ConnectOrigin,
  type Connections,
  type ConnectPlace,
  isAnswered,
  type TriedConnection,
} from '../../model/Connections.ts';
import { familyOf, isUnspecified } from '../../model/lb/address.ts';
import type { FrontendTrace } from '../trace/FrontendTrace.ts';
import { type ConnectLoss, judgeConnections } from './judgeConnections.ts';

/** How the connections to one frontend ended that begin on one node, or arrive at it. */
export interface Answered {
  readonly from: ConnectOrigin;
  readonly connections: number;
  readonly answered: number;
  /** `answered`: all are. Else what the first loss tells. */
  readonly kind: 'answered' | ConnectLoss['kind'];
  /** Backends that do not answer without the address in front of them either. */
  readonly silent: readonly ConnectPlace[];
}

/** @returns what is known of a frontend on a node; undefined: nothing was tried there */
export type AnswersOf = (node: string, frontend: FrontendTrace) => Answered | undefined;

/** What was tried, by the frontends of traces. To which node a load balancer’s address leads, nobody knows. */
export function connectionAnswers(connections: Connections): AnswersOf {
  const kinds = new Map(
    judgeConnections(connections).flatMap((loss) =>
      ('connections' in loss ? loss.connections : [loss.connection]).map(
        (one): [TriedConnection, ConnectLoss['kind']] => [one, loss.kind],
      ),
    ),
  );
  return (node, frontend) => {
    const tried = connections.tried.filter((one) => isOf(one, frontend) && isOn(one, node));
    const ends = tried.flatMap((one) => one.ends);
    const [first] = tried;
    if (first === undefined || ends.length === 0) return undefined;
    const directly = tried.flatMap((one) => one.directly);
    return {
      from: first.origin,
      connections: ends.length,
      answered: ends.filter(isAnswered).length,
      kind: tried.flatMap((one) => kinds.get(one) ?? [])[0] ?? 'answered',
      silent: directly.filter(({ end }) => !isAnswered(end)).map(({ place }) => place),
    };
  };
}

const isOn = ({ origin, target }: TriedConnection, node: string): boolean =>
  origin.kind === 'here' ? target.atNode === undefined || target.atNode === node : origin.node === node;

/** From a node, NodePorts are tried at another one: that is the frontend at others’ addresses, where there are two. */
function isOf({ origin, target: { type, place } }: TriedConnection, frontend: FrontendTrace): boolean {
  const { address, port, protocol, family } = frontend;
  if (frontend.type !== type || port !== place.port || family !== familyOf(place.address)) return false;
  if (protocol !== 'ANY' && protocol !== place.protocol) return false;
  if (address === undefined || address === place.address) return true;
  return type === 'NodePort' && origin.kind !== 'here' && isUnspecified(address);
}
