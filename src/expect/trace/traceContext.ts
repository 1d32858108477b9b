import type { Service, ServicePort } from '../../model/kubernetes.ts';
import type { FlagName } from '../../model/lb/lbFlags.ts';
import type { Frontend, LbTable } from '../../model/lb/LbTable.ts';
import type { NodeSnapshot } from '../../model/Snapshot.ts';
import type { Datapath } from '../lb/datapath.ts';
import type { ExpectedFrontend, ExpectedTable } from '../lb/ExpectedTable.ts';
import type { OwnerRef } from '../lb/OwnerRef.ts';
import type { NodeParity } from '../parity/tableParity.ts';
import type { Unserved } from '../served/WhyUnserved.ts';
import { foundRow } from './traceBackends.ts';
import type { FrontendFilter } from './ownersAt.ts';
import type { TraceSource } from './traceWay.ts';

export interface TraceRequest {
  readonly service: Service;
  readonly source: TraceSource;
  /** Only this port of the Service; undefined: all. */
  readonly port: ServicePort | undefined;
  /** Only frontends at the address that was typed; undefined: all. */
  readonly filter?: FrontendFilter | undefined;
  /** `service` stands for a pod with hostPorts, which asks its node for frontends, too. */
  readonly ownerKind?: 'Service' | 'Pod';
}

/** All that is known for a trace on one node. */
export interface TraceContext {
  readonly node: NodeSnapshot;
  readonly request: TraceRequest;
  readonly datapath: Datapath;
  readonly expected: ExpectedTable;
  readonly parity: NodeParity;
  /** What of the Service serves nobody here, as the agent makes it. */
  readonly unserved: readonly Unserved[];
  readonly clusterIPs: ReadonlyMap<string, Service>;
}

export const tableOf = ({ parity }: TraceContext): LbTable | undefined => (parity.judged ? parity.found : undefined);

export const isOwner = (
  { service: { metadata }, ownerKind = 'Service' }: Pick<TraceRequest, 'service' | 'ownerKind'>,
  { kind, namespace, name }: OwnerRef,
): boolean => kind === ownerKind && name === metadata.name && namespace === (metadata.namespace ?? '');

/** The row as this Service asks for it; another owner may ask for the same. */
const rowFor = (request: TraceRequest, row: ExpectedFrontend): ExpectedFrontend | undefined =>
  [row, ...row.alternatives].find(({ owner }) => isOwner(request, owner));

/**
 * The rows that the Service (of one port only, if the request says so) asks for, with what is said of them in common.
 */
export function rowsOf({ expected, request }: TraceContext): readonly ExpectedFrontend[] {
  const { port } = request;
  const rows: ExpectedFrontend[] = [];
  for (const row of expected.frontends.values()) {
    const own = rowFor(request, row);
    if (own === undefined || (port !== undefined && !isOfPort(own, port))) continue;
    rows.push(row === own ? row : { ...own, optional: row.optional === undefined ? undefined : own.optional });
  }
  return rows;
}

export const isOfPort = ({ type, port, protocol, portName }: ExpectedFrontend, wanted: ServicePort): boolean =>
  port === (type === 'NodePort' ? wanted.nodePort : wanted.port) &&
  portName === (wanted.name ?? '') &&
  (protocol === 'ANY' || protocol === (wanted.protocol ?? 'TCP'));

/** A row of which nothing is asked. */
export const plainRow = {
  scope: 'external',
  flags: new Set<FlagName>(),
  backends: [],
  selectable: [],
  affinityTimeout: 0,
  algorithm: 'undef',
  sourceRanges: [],
  maglev: false,
  remote: 'none',
  optional: undefined,
  alternatives: [],
} as const satisfies Partial<ExpectedFrontend>;

export function rowIn(context: TraceContext, row: ExpectedFrontend): Frontend | undefined {
  const table = tableOf(context);
  return table === undefined ? undefined : foundRow(row, table);
}
