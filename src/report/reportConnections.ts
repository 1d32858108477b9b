import { type Connections, type ConnectOrigin, isAnswered } from '../model/Connections.ts';
import type { ConnectionsReport } from './ConnectionsReport.ts';

export const reportConnections = (connections: Connections): ConnectionsReport => ({
  pairs: connections.pairs,
  totals: totalsOf(connections),
  tried: connections.tried.map(({ origin, target, ends, directly }) => ({
    from: originReport(origin),
    to: target.place,
    type: target.type,
    object: target.owner,
    atNode: target.atNode ?? null,
    ends,
    directly: directly.map(({ place, node, end }) => ({ to: place, node: node ?? null, end })),
  })),
  unable: connections.unable.map(({ origin, why }) => ({
    from: originReport(origin),
    reason: why.missing,
    detail: why.detail,
  })),
});

function totalsOf({ planned, ratePerSecond, tried }: Connections): ConnectionsReport['totals'] {
  const ends = tried.flatMap((one) => one.ends);
  const answered = ends.filter(isAnswered).length;
  return { planned, tried: ends.length, answered, failed: ends.length - answered, ratePerSecond };
}

const originReport = (origin: ConnectOrigin): ConnectionsReport['unable'][number]['from'] => ({
  kind: origin.kind,
  node: origin.kind === 'here' ? null : origin.node,
  pod: 'name' in origin ? `${origin.namespace}/${origin.name}` : null,
});
