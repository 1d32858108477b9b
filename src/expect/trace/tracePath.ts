import type { Derivations } from '../../core/Derivations.ts';
import { valueOf } from '../../model/Fact.ts';
import { isUnspecified } from '../../model/lb/address.ts';
import { partsOf } from '../../model/lb/keys.ts';
import { frontendTypes } from '../../model/lb/lbFlags.ts';
import type { NodeSnapshot, Snapshot } from '../../model/Snapshot.ts';
import { agentConfigOnNode } from '../agent/agentConfigOnNode.ts';
import { datapathOf } from '../lb/datapath.ts';
import { type LbConfig, lbConfigOf } from '../lb/LbConfig.ts';
import { expectedOnNode } from '../lb/expectedOnNode.ts';
import { type Difference, isCertain, isFirm } from '../parity/Difference.ts';
import type { ExpectedFrontend } from '../lb/ExpectedTable.ts';
import type { FrontendTrace, NodeTrace } from './FrontendTrace.ts';
import { tableParity } from '../parity/tableParity.ts';
import { type BackendTrace, traceBackends } from './traceBackends.ts';
import { clusterIPs } from '../lb/clusterIPs.ts';
import { serviceKey } from '../lb/readyBackends.ts';
import { type TraceContext, isOfPort, isOwner, plainRow, rowIn, type TraceRequest } from './traceContext.ts';
import { differencesOf, isOrphanOf } from './traceDifferences.ts';
import { leftToKubeProxy, type ScopedTarget, targetsOf } from './traceTargets.ts';
import { traitsOf } from './traceTraits.ts';
import { judge } from './traceVerdict.ts';
import { type Way, wayOf } from './traceWay.ts';
import { unservedOnNode } from '../served/unservedOnNode.ts';
import type { Unserved, WhyUnserved } from '../served/WhyUnserved.ts';
import { whyWords } from '../served/whyWords.ts';
import { whyNoFrontends } from '../served/whyNoFrontends.ts';

/**
 * Where connections to a Service go on one covered node: by whom, to which backends, and whether as
 * the API requires.
 */
export function tracePath(derivations: Derivations, node: NodeSnapshot, request: TraceRequest): NodeTrace {
  const nothing = { node: node.name, frontends: [], none: undefined, assumed: undefined, beside: [] };
  const config = derivations.on(agentConfigOnNode, node.name);
  if ('missing' in config) return { ...nothing, unknown: config };
  const datapath = datapathOf(node.facts, config);
  const parity = derivations.on(tableParity, node.name);
  const expected = parity.judged ? parity.expected : derivations.on(expectedOnNode, node.name);
  if ('missing' in expected) return { ...nothing, unknown: expected };
  const listed = derivations.on(unservedOnNode, node.name);
  const unserved = 'missing' in listed ? [] : listed.filter(({ frontend: { owner } }) => isOwner(request, owner));
  const services = derivations.of(clusterIPs);
  const context: TraceContext = { node, request, datapath, expected, parity, unserved, clusterIPs: services };
  const targets = [...targetsOf(context), ...leftToKubeProxy(context)];
  const traces = targets.map((target) => traceOf(target, context));
  const all = merged([...traces, ...refusedOf(context), ...orphansOf(context)]);
  const frontends = all.filter((one) => isAt(one, request)).toSorted(byType);
  const used = new Set(frontends.flatMap(({ rows }) => rows));
  return {
    node: node.name,
    frontends,
    none:
      frontends.length > 0
        ? undefined
        : whyNone(request, all.length > 0, labelsOf(node, derivations.snapshot), lbConfigOf(config)),
    unknown: parity.judged ? undefined : parity.why,
    assumed: datapath.assumed,
    beside: differencesOf(context).filter(
      ({ frontend, type }) => !used.has(frontend) && isAt({ type, ...partsOf(frontend) }, request),
    ),
  };
}

/** Whether a row of the API’s is one that the trace is about. */
export const isTraced = (row: ExpectedFrontend, request: TraceRequest): boolean =>
  isOwner(request, row.owner) && (request.port === undefined || isOfPort(row, request.port)) && isAt(row, request);

/** Whether a frontend is at the address that was typed, if there was one. */
function isAt(
  { type, address, port, protocol }: Pick<FrontendTrace, 'type' | 'address' | 'port' | 'protocol'>,
  { filter }: TraceRequest,
): boolean {
  if (filter === undefined) return true;
  const isOfNode = type === 'NodePort' || type === 'HostPort';
  return (
    (filter.address === undefined ? isOfNode : !isOfNode && filter.address === address) &&
    (filter.port === undefined || filter.port === port) &&
    (filter.protocol === undefined || protocol === 'ANY' || filter.protocol === protocol)
  );
}

/** @param others whether there are frontends elsewhere than at the address that was typed */
function whyNone(
  { service, ownerKind, filter }: TraceRequest,
  others: boolean,
  labels: Readonly<Record<string, string>>,
  config: LbConfig,
): string {
  if (ownerKind === 'Pod')
    return config.hostPorts
      ? 'only the node on which the pod runs answers at its hostPort'
      : 'this agent does not serve hostPorts (kube-proxy replacement is off)';
  if (others) return `none of its frontends here is at ${filter?.typed ?? 'that address'}`;
  return whyNoFrontends(service, labels, config);
}

const labelsOf = ({ name }: NodeSnapshot, { facts }: Snapshot): Readonly<Record<string, string>> =>
  valueOf(facts.nodes)?.find(({ metadata }) => metadata.name === name)?.metadata.labels ?? {};

function traceOf(target: ScopedTarget, context: TraceContext): FrontendTrace {
  const { request, datapath, expected, parity } = context;
  const unread = request.source === 'external' && target.place === 'others' && expected.unknown.nodePortAddresses;
  // Rows of NodePorts at addresses that nobody told are judged by the row of the zero address.
  const place = unread ? 'own' : target.place;
  const row = unread ? { ...target.row, flags: withoutNonRoutable(target.row) } : target.row;
  const way = wayOf(request.source, { ...target, row, place }, datapath);
  const decides = ['socketLb', 'podInterface', 'device'].includes(way.translator);
  const used = target.byScope.get(way.scope) ?? target.row;
  const found = rowIn(context, used);
  const differences = !decides || !parity.judged ? [] : parity.differences.filter((one) => one.frontend === used.key);
  const to: Pick<FrontendTrace, 'backends' | 'nowhere'> = decides
    ? traceBackends(used, found, parity.judged)
    : { backends: [], nowhere: undefined };
  const traced = {
    ...traitsOf(used, way, context),
    address: unread ? undefined : used.address,
    way,
    rows: decides && !unread ? [used.key] : [],
    l7ProxyPort: decides ? found?.l7ProxyPort : undefined,
    ...to,
    chained: chainedOf(to.backends, context),
    differences,
    agentError: decides ? agentErrorOf(used, context) : undefined,
    unserved: whyUnserved(used, decides, context),
  };
  return {
    ...traced,
    ...judge({ traced, way, decides, used, isFound: found !== undefined, unread: unread || undefined }, context),
  };
}

const chainedOf = (
  backends: readonly BackendTrace[],
  { clusterIPs: services }: TraceContext,
): FrontendTrace['chained'] =>
  backends.flatMap(({ address, found }) => {
    const service = found === 'yes' ? services.get(hostOf(address)) : undefined;
    return service === undefined ? [] : [{ address, service: serviceKey(service) }];
  });

/** Of `10.0.0.1:80` and `[fd00::1]:80`. */
const hostOf = (place: string): string => place.slice(0, place.lastIndexOf(':')).replaceAll(/[[\]]/g, '');

const withoutNonRoutable = ({ flags }: ExpectedFrontend): ExpectedFrontend['flags'] =>
  new Set([...flags].filter((flag) => flag !== 'non-routable'));

/** Rows of node addresses are programmed together with the one that the agent's own table has. */
const agentErrorOf = ({ agentKey }: ExpectedFrontend, { node }: TraceContext): string | undefined =>
  valueOf(node.facts.frontendStates)?.find(({ frontend, status }) => frontend === agentKey && status === 'Error')
    ?.error;

/**
 * A row of a node's address is judged with the one that it is derived from. Where no row decides, it counts only that
 * the address is another object's.
 */
function whyUnserved(
  { key, agentKey, type }: ExpectedFrontend,
  decides: boolean,
  { unserved }: TraceContext,
): WhyUnserved | undefined {
  const isOf = ({ frontend }: Unserved): boolean =>
    frontend.type === type && (frontend.key === agentKey || frontend.key === key);
  const why = unserved.find(isOf)?.why;
  return decides || why?.kind === 'claimed' ? why : undefined;
}

/** Addresses of the Service of which the agent makes no row at all. */
function refusedOf(context: TraceContext): readonly FrontendTrace[] {
  const { port } = context.request;
  return context.unserved.flatMap(({ frontend, why }): readonly FrontendTrace[] => {
    if (why.kind !== 'familyOff' && why.kind !== 'nodeAddress' && why.kind !== 'otherTypeOnly') return [];
    const row: ExpectedFrontend = { ...plainRow, ...frontend, agentKey: frontend.key };
    if (port !== undefined && !isOfPort(row, port)) return [];
    const way: Way = { translator: 'nobody', scope: 'external', how: whyWords(why), detached: [], unknown: undefined };
    return [
      {
        ...traitsOf(row, way, context),
        address: frontend.address,
        way,
        rows: [],
        l7ProxyPort: undefined,
        backends: [],
        nowhere: undefined,
        differences: [],
        agentError: undefined,
        chained: [],
        unserved: why,
        verdict: 'notServed',
        reason: undefined,
      },
    ];
  });
}

/** Rows that the Service does not ask for and that clients of this kind meet all the same. */
function orphansOf(context: TraceContext): readonly FrontendTrace[] {
  const { parity, request, datapath } = context;
  if (!parity.judged) return [];
  return parity.differences
    .filter((one) => isOrphanOf(one, context))
    .flatMap((difference): readonly FrontendTrace[] => {
      const found = parity.found.frontends.get(difference.frontend);
      if (found === undefined) return [];
      const { key, address, port, protocol, scope, flags } = found;
      const row: ExpectedFrontend = {
        ...plainRow,
        key,
        address,
        port,
        protocol,
        scope,
        type: flags.type,
        flags: flags.names,
        owner: { kind: 'Service', namespace: '', name: '' },
        portName: '',
        affinityTimeout: found.affinityTimeout ?? 0,
        agentKey: key,
      };
      const place = row.type !== 'NodePort' ? 'one' : isUnspecified(row.address) ? 'others' : 'own';
      const way = wayOf(
        request.source,
        { row, place, isOwnAddress: undefined, isL7: false, isInTable: true },
        datapath,
      );
      if (!['socketLb', 'podInterface', 'device'].includes(way.translator) || way.scope !== found.scope) return [];
      const firm = isCertain(difference);
      return [
        {
          ...traitsOf(row, way, context),
          address: row.address,
          way,
          rows: [row.key],
          l7ProxyPort: found.l7ProxyPort,
          ...traceBackends(row, found, true),
          differences: [difference],
          agentError: undefined,
          chained: [],
          unserved: undefined,
          verdict: firm ? 'different' : difference.kind === 'settling' ? 'settling' : 'unknown',
          reason: firm ? undefined : isFirm(difference) ? difference.doubt : difference.why,
        },
      ];
    });
}

/** The rows of a NodePort that say the same are one; where they do not, each has its address. */
function merged(traces: readonly FrontendTrace[]): readonly FrontendTrace[] {
  const groups = Map.groupBy(traces, (one) =>
    one.type === 'NodePort'
      ? JSON.stringify({ ...one, address: '', rows: [], differences: one.differences.map(sameness) })
      : one,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    if (first.type !== 'NodePort') return group;
    const isWhole = traces.every((one) => !isSameNodePort(one, first) || group.includes(one));
    const rows = group.flatMap((one) => one.rows);
    return isWhole ? [{ ...first, address: undefined, rows }] : group;
  });
}

/** By type, ports of one type as the Service has them. */
const byType = (one: FrontendTrace, other: FrontendTrace): number =>
  frontendTypes.indexOf(one.type) - frontendTypes.indexOf(other.type);

const sameness = (difference: Difference): object => ({ ...difference, frontend: '' });

const isSameNodePort = (one: FrontendTrace, other: FrontendTrace): boolean =>
  one.type === 'NodePort' && one.family === other.family && one.port === other.port && one.protocol === other.protocol;
