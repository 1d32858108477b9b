import { valueOf } from '../../model/Fact.ts';
import type { ServicePort } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import { partsOf } from '../../model/lb/keys.ts';
import type { Difference } from '../parity/Difference.ts';
import { addressesOf } from '../lb/serviceAddresses.ts';
import { type TraceContext, isOwner, rowsOf } from './traceContext.ts';

/** All that differs for the Service on this node, whoever uses it. */
export function differencesOf(context: TraceContext): readonly Difference[] {
  if (!context.parity.judged) return [];
  const { request } = context;
  const keys = new Set(rowsOf(context).map(({ key }) => key));
  return context.parity.differences.filter(
    (one) =>
      keys.has(one.frontend) ||
      isOrphanOf(one, context) ||
      (one.owner !== undefined && isOwner(request, one.owner) && isAtPort(partsOf(one.frontend).port, request.port)),
  );
}

const isAtPort = (number: number, port: ServicePort | undefined): boolean =>
  port === undefined || number === port.port || number === port.nodePort;

/** A row that nobody asks for belongs to the Service whose address it has, or whose the agent says it is. */
export function isOrphanOf(
  difference: Difference,
  { node, request: { service, port, ownerKind } }: TraceContext,
): boolean {
  const { owner, frontend, type } = difference;
  if (owner !== undefined || ownerKind === 'Pod') return false;
  const { address, port: number } = partsOf(frontend);
  const ports = port === undefined ? (service.spec?.ports ?? []) : [port];
  const agentRow = valueOf(node.facts.agentTable)?.frontends.get(frontend)?.agent;
  const name = `${service.metadata.namespace ?? ''}/${service.metadata.name}`;
  if (agentRow !== undefined && agentRow.service !== '') {
    return agentRow.service === name && isAtPort(number, port);
  }
  if (type === 'NodePort' || type === 'HostPort') return ports.some(({ nodePort }) => nodePort === number);
  return addressesOf(service).some((own) => canonicalAddress(own) === address) && isAtPort(number, port);
}
