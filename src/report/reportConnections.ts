import type { Connections, ConnectOrigin } from '../model/Connections.ts';
import type { ConnectionsReport } from './ConnectionsReport.ts';

export const reportConnections = ({ pairs, tried, unable }: Connections): ConnectionsReport => ({
  pairs,
  tried: tried.map(({ origin, target, ends, directly }) => ({
    from: originReport(origin),
    to: target.place,
    type: target.type,
    object: target.owner,
    atNode: target.atNode ?? null,
    ends,
    directly: directly.map(({ place, node, end }) => ({ to: place, node: node ?? null, end })),
  })),
  unable: unable.map(({ origin, why }) => ({ from: originReport(origin), reason: why.missing, detail: why.detail })),
});

const originReport = (origin: ConnectOrigin): ConnectionsReport['unable'][number]['from'] => ({
  kind: origin.kind,
  node: origin.kind === 'here' ? null : origin.node,
  pod: origin.kind === 'pod' ? `${origin.namespace}/${origin.name}` : null,
});
