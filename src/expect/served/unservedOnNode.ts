import { defineNodeDerived } from '../../core/Derived.ts';
import { type Missing, valueOf } from '../../model/Fact.ts';
import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { familyOf } from '../../model/lb/address.ts';
import { partsOf } from '../../model/lb/keys.ts';
import type { LbTable } from '../../model/lb/LbTable.ts';
import { agentConfigOnNode } from '../agent/agentConfigOnNode.ts';
import { indexBackends, isDummyBackend } from '../lb/endpointBackends.ts';
import type { ExpectedFrontend, ExpectedTable } from '../lb/ExpectedTable.ts';
import { type CommonExpectations, LayeredFrontends } from '../lb/LayeredFrontends.ts';
import { ownerId, ownerName } from '../lb/OwnerRef.ts';
import { expectedOnNode } from '../lb/expectedOnNode.ts';
import type { LbConfig } from '../lb/LbConfig.ts';
import { lbConfigOnNode } from '../lb/lbConfigOnNode.ts';
import { serviceKey, serviceNameLabel, slicesByService } from '../lb/readyBackends.ts';
import type { AskedFrontend } from '../lb/Refusal.ts';
import { behaviourOf } from '../lb/versionGates.ts';
import { fitsRow, losersOf } from './contestHolders.ts';
import { type EndpointsOfService, whyNoBackend } from './whyNoBackend.ts';
import type { Unserved, WhyClaimed, WhyNoBackend, WhyShut, WhyUnserved } from './WhyUnserved.ts';

/**
 * What objects of the API ask a node for and what serves nobody there although the node's table is as its agent makes
 * it, with the reason; what differs from that, `tableParity` tells. A NodePort or hostPort stands for its rows at all
 * addresses of the node.
 */
export const unservedOnNode = defineNodeDerived({
  name: 'unservedOnNode',
  optional: { cluster: ['nodes', 'services', 'endpointSlices'], node: ['lbTable'] },
  uses: [expectedOnNode, lbConfigOnNode, agentConfigOnNode],
  compute({ cluster }) {
    const endpoints = new EndpointIndex(valueOf(cluster.services) ?? [], valueOf(cluster.endpointSlices) ?? []);
    const labels = new Map((valueOf(cluster.nodes) ?? []).map(({ metadata: { name, labels: of } }) => [name, of]));
    const notable = new NotableRows();
    return ({ name, facts, derived }): readonly Unserved[] | Missing => {
      const expected = derived(expectedOnNode);
      const config = derived(lbConfigOnNode);
      const agent = derived(agentConfigOnNode);
      if ('missing' in expected) return expected;
      if ('missing' in config) return config;
      const table = valueOf(facts.lbTable);
      const node: NodeContext = {
        expected,
        found: table?.unreadable === undefined ? table : undefined,
        zone: labels.get(name)?.['topology.kubernetes.io/zone'],
        sctp: !('missing' in agent) && agent.settings.sctp.value,
        whyEmpty: (row) => endpoints.whyEmpty(row, config),
        notable,
      };
      return unserved(node);
    };
  },
});

interface NodeContext {
  readonly expected: ExpectedTable;
  /** undefined: not read. */
  readonly found: LbTable | undefined;
  readonly sctp: boolean;
  /** Of the node; undefined: none. */
  readonly zone: string | undefined;
  readonly whyEmpty: (row: ExpectedFrontend) => WhyNoBackend | undefined;
  /** Of all nodes. */
  readonly notable: NotableRows;
}

function unserved(node: NodeContext): readonly Unserved[] {
  const { expected, found, notable } = node;
  const losers = losersOf(expected, found);
  const list: Unserved[] = [...expected.refused.services, ...expected.refused.hostPorts].map(
    ({ why, ...frontend }) => ({
      frontend,
      why,
    }),
  );
  const judge = (row: ExpectedFrontend, first: ExpectedFrontend): void => {
    const why = whyClaimed(row, losers, found) ?? whyOverwritten(row, first, found) ?? whyUnserved(row, node);
    // Rows at addresses of the node are judged where they come from.
    if (why !== undefined && (row.agentKey === row.key || why.kind === 'overwritten'))
      list.push({ frontend: askedOf(row), why });
  };
  for (const first of losers.size === 0 ? notable.of(expected.frontends) : expected.frontends.values()) {
    judge(first, first);
    for (const row of first.alternatives) judge(row, first);
  }
  return list;
}

/** Rows of which anything can be said where nobody has lost a frontend to another; of common ones found out once. */
class NotableRows {
  readonly #known = new Map<CommonExpectations, Record<'rows' | 'spread', readonly ExpectedFrontend[]>>();

  of(frontends: ExpectedTable['frontends']): Iterable<ExpectedFrontend> {
    if (!(frontends instanceof LayeredFrontends)) return frontends.values();
    const { common } = frontends.layers;
    const { rows, spread } = this.#known.get(common) ?? {
      rows: [...common.rows.values()].filter(isNotable),
      spread: [...common.spread.values()].filter(isNotable),
    };
    this.#known.set(common, { rows, spread });
    return frontends.merged(rows, spread);
  }
}

const isNotable = ({ selectable, alternatives, protocol, flags }: ExpectedFrontend): boolean =>
  alternatives.length > 0 || selectable.every(isDummyBackend) || protocol === 'SCTP' || flags.has('check source-range');

const askedOf = ({ key, owner, type, address, port, protocol, portName }: ExpectedFrontend): AskedFrontend => ({
  key,
  owner,
  type,
  address,
  port,
  protocol,
  portName,
});

/** What the agent had before it refused the Service stays as it was then. */
function whyClaimed(
  row: ExpectedFrontend,
  losers: ReadonlyMap<string, WhyClaimed>,
  found: LbTable | undefined,
): WhyClaimed | undefined {
  if (losers.size === 0) return undefined;
  const lost = losers.get(ownerId(row.owner));
  return lost === undefined || (row.key !== lost.at && found?.frontends.has(row.key) === true) ? undefined : lost;
}

/** Of rows that two frontends of the agent become, the one that the map does not hold. */
function whyOverwritten(
  row: ExpectedFrontend,
  first: ExpectedFrontend,
  found: LbTable | undefined,
): WhyUnserved | undefined {
  const present = first.alternatives.length === 0 ? undefined : found?.frontends.get(row.key);
  if (present === undefined || fitsRow(row, present)) return undefined;
  const holder = [first, ...first.alternatives].find(
    (one) => ownerId(one.owner) !== ownerId(row.owner) && fitsRow(one, present),
  );
  return holder === undefined ? undefined : { kind: 'overwritten', by: holder.owner };
}

function whyUnserved(row: ExpectedFrontend, node: NodeContext): WhyUnserved | undefined {
  // Before 1.18 the placeholder was a backend like others.
  const isEmpty = row.selectable.every(isDummyBackend);
  if (!isEmpty) return whyShut(row, node);
  // Other clusters may have backends; a health check and a terminating pod owe nobody anything.
  if (row.remote !== 'none' || row.optional !== undefined || row.owner.kind !== 'Service') return undefined;
  const why = node.whyEmpty(row);
  if (why?.kind === 'zone') return { ...why, zone: node.zone };
  // Whether an L7 proxy takes the traffic, only the table tells.
  if (why?.kind !== 'placeholder') return why;
  const found = node.found?.frontends.get(row.key);
  return found === undefined || found.flags.names.has('l7-load-balancer') ? undefined : why;
}

function whyShut(row: ExpectedFrontend, { sctp }: NodeContext): WhyShut | undefined {
  if (row.protocol === 'SCTP') {
    if (!sctp) return { kind: 'sctpOff' };
    const ports = [...new Set(row.selectable.map((key) => partsOf(key).port))];
    if (!ports.includes(row.port)) return { kind: 'sctpPort', ports };
  }
  if (!row.flags.has('check source-range')) return undefined;
  const policy = row.flags.has('deny') ? 'deny' : 'allow';
  const isShut =
    policy === 'allow' ? row.sourceRanges.length === 0 : row.sourceRanges.some((one) => one.endsWith('/0'));
  return isShut ? { kind: 'sourceRanges', family: familyOf(row.address), policy } : undefined;
}

/** Services with their endpoints, looked up only for rows that have no backend, which nodes have in common. */
class EndpointIndex {
  readonly #services: readonly Service[];
  readonly #slices: readonly EndpointSlice[];
  #byName: ReadonlyMap<string, Omit<EndpointsOfService, 'backends'>> | undefined;
  readonly #reasons = new WeakMap<ExpectedFrontend, WhyNoBackend>();

  constructor(services: readonly Service[], slices: readonly EndpointSlice[]) {
    this.#services = services;
    this.#slices = slices;
  }

  /** undefined: no such Service. */
  whyEmpty(row: ExpectedFrontend, config: LbConfig): WhyNoBackend | undefined {
    const known = this.#reasons.get(row);
    if (known !== undefined) return known;
    this.#byName ??= this.#made();
    const name = ownerName(row.owner);
    const endpoints = this.#byName.get(name);
    if (endpoints === undefined) return undefined;
    const behaviour = behaviourOf(config.version);
    const backends = indexBackends(endpoints.slices, behaviour, config).get(name) ?? [];
    const why = whyNoBackend(row, { ...endpoints, backends }, { behaviour, serviceProxyName: config.serviceProxyName });
    this.#reasons.set(row, why);
    return why;
  }

  #made(): ReadonlyMap<string, Omit<EndpointsOfService, 'backends'>> {
    const slices = slicesByService(this.#slices);
    const loose = Map.groupBy(
      this.#slices.filter(({ metadata }) => metadata.labels?.[serviceNameLabel] === undefined),
      ({ metadata }) => metadata.namespace ?? '',
    );
    return new Map(
      this.#services.map((service) => {
        const name = serviceKey(service);
        const unlabelled = loose.get(service.metadata.namespace ?? '') ?? [];
        return [name, { service, slices: slices.get(name) ?? [], unlabelled }];
      }),
    );
  }
}
