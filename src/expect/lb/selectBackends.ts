import type { Family, Protocol, Scope } from '../../model/lb/address.ts';
import type { FrontendType } from '../../model/lb/lbFlags.ts';
import type { ServiceBackend } from './endpointBackends.ts';
import type { CiliumBehaviour } from './versionGates.ts';

export type TrafficDistribution = 'none' | 'zone' | 'node';

/** What of a frontend and its Service decides which backends it may choose. */
export interface BackendSelection {
  readonly type: FrontendType;
  readonly scope: Scope;
  readonly family: Family;
  readonly protocol: Protocol;
  readonly portName: string;
  readonly externalLocal: boolean;
  readonly internalLocal: boolean;
  readonly distribution: TrafficDistribution;
  readonly redirected: boolean;
}

export interface SelectingNode {
  readonly name: string;
  /** Label `topology.kubernetes.io/zone`; undefined: none. */
  readonly zone: string | undefined;
  readonly serviceTopology: boolean;
}

/** The backends behind a frontend on a node, in every state; pkg/loadbalancer/writer, DefaultSelectBackends. */
export function selectBackends(
  all: readonly ServiceBackend[],
  selection: BackendSelection,
  node: SelectingNode,
  behaviour: CiliumBehaviour,
): readonly ServiceBackend[] {
  const fitting = filtered(all, (backend) => fits(backend, selection, behaviour));
  if (node.serviceTopology && behaviour.preferSameNode && selection.distribution === 'node') {
    const here = fitting.filter((backend) => backend.nodeName === node.name && isCandidate(backend, behaviour));
    if (here.length > 0) return here;
  }
  const allowed = onlyLocal(selection)
    ? filtered(fitting, ({ nodeName }) => nodeName === '' || nodeName === node.name)
    : fitting;
  const { zone } = node;
  if (!node.serviceTopology || zone === undefined || selection.redirected || selection.distribution !== 'zone')
    return allowed;
  // Hints are all or nothing: one endpoint without, or none for this zone, and everything is used.
  const judged = behaviour.preferSameNode ? allowed.filter((backend) => isCandidate(backend, behaviour)) : all;
  const inZone = ({ forZones }: ServiceBackend): boolean => forZones.includes(zone);
  const useZone = judged.some(inZone) && judged.every(({ forZones }) => forZones.length > 0);
  return useZone ? allowed.filter(inZone) : allowed;
}

/** The list itself where all are kept, so that rows share it. */
function filtered(
  list: readonly ServiceBackend[],
  keep: (backend: ServiceBackend) => boolean,
): readonly ServiceBackend[] {
  return list.every(keep) ? list : list.filter(keep);
}

export function fits(
  backend: ServiceBackend,
  { family, protocol, portName }: Pick<BackendSelection, 'family' | 'protocol' | 'portName'>,
  behaviour: CiliumBehaviour,
): boolean {
  if (backend.family !== family || backend.protocol !== protocol) return false;
  // What is made of pods has no names where these do not matter.
  if (!behaviour.unnamedPortsMatch) return backend.portNames.length === 0 || backend.portNames.includes(portName);
  if (portName === '' || backend.portNames.includes(portName)) return true;
  return behaviour.unnamedBackendsMatch && backend.portNames.length === 0;
}

const isCandidate = ({ state }: ServiceBackend, { hintsNeedReadiness }: CiliumBehaviour): boolean =>
  hintsNeedReadiness ? state === 'active' : state !== 'terminating' && state !== 'terminating-not-serving';

/** With both policies Local there is an external scope only, and it holds local backends. */
export function onlyLocal({
  type,
  scope,
  externalLocal,
  internalLocal,
}: Pick<BackendSelection, 'type' | 'scope' | 'externalLocal' | 'internalLocal'>): boolean {
  if (type === 'HostPort' || type === 'LocalRedirect') return false;
  if (scope === 'internal' || type === 'ClusterIP') return internalLocal;
  return externalLocal;
}
