import type { Service } from '../../model/kubernetes.ts';
import type { FrontendKey } from '../../model/lb/keys.ts';
import type { ExpectedFrontend, ExpectedTable } from './ExpectedTable.ts';
import type { ExpectNode } from './ExpectNode.ts';
import { type ApiObjects, expectTable, healthCheckOnBalancer } from './expectTable.ts';
import { type CommonExpectations, LayeredFrontends } from './LayeredFrontends.ts';
import type { LbConfig } from './LbConfig.ts';
import type { Refusal } from './Refusal.ts';
import { ownerName } from './OwnerRef.ts';
import { serviceKey } from './readyBackends.ts';
import { serviceTraits } from './serviceTraits.ts';
import { SharedBackends } from './SharedBackends.ts';
import { SharedExpectations } from './SharedExpectations.ts';
import { behaviourOf } from './versionGates.ts';

/** Stand for a node's own addresses; no object asks for frontends there. */
const anyAddresses = ['255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'];
const anyNode: Omit<ExpectNode, 'clusterAddresses' | 'nodePortAddresses'> = {
  name: '',
  labels: {},
  localAddresses: [],
};

/**
 * The expected tables of all nodes that the same objects are asked for: most of a table is computed once for all nodes
 * that are configured alike, and of each node what its name, labels and pods decide. Where a frontend of the one kind
 * meets one of the other, the node's table is computed by itself.
 */
export class SharedTables {
  readonly #objects: ApiObjects;
  readonly #backends = new SharedBackends();
  readonly #rows = new SharedExpectations();
  readonly #kinds = new Map<string, Kind>();
  readonly #places: ReadonlyMap<string, number>;
  readonly #podsByNode: ReadonlyMap<string | undefined, NonNullable<ApiObjects['pods']>>;

  constructor(objects: ApiObjects) {
    this.#objects = objects;
    this.#places = new Map(objects.services.map((service, at) => [serviceKey(service), at]));
    this.#podsByNode = Map.groupBy(objects.pods ?? [], ({ spec }) => spec?.nodeName);
  }

  tableOf(node: ExpectNode, config: LbConfig): ExpectedTable {
    return this.#layered(node, config) ?? this.#rows.share(this.#whole(node, config, this.#objects));
  }

  #whole(node: ExpectNode, config: LbConfig, objects: ApiObjects): ExpectedTable {
    return expectTable({ node, config, objects }, this.#backends);
  }

  /** undefined: what is common and what is not cannot be told apart here. */
  #layered(node: ExpectNode, config: LbConfig): ExpectedTable | undefined {
    const { nodePortAddresses: addresses = [], localAddresses = [] } = node;
    const { services: all, localRedirectPolicies, pods } = this.#objects;
    // Of two with one name nobody can tell which row is whose.
    if (this.#places.size < all.length) return undefined;
    if (config.localRedirects && localRedirectPolicies?.length !== 0) return undefined;
    const { common, table, services } = this.#kindOf(node, config);
    if ([...addresses, ...localAddresses].some((one) => common.addresses.has(one))) return undefined;
    const objects = { ...this.#objects, services, pods: pods && (this.#podsByNode.get(node.name) ?? []) };
    const own = this.#rows.share(this.#whole(node, config, objects));
    if (own.contests.length > 0) return undefined;
    const frontends = new LayeredFrontends({
      common,
      addresses,
      own: own.frontends,
      placeOf: (row) => this.#placeOf(row),
    });
    if (meets(own.frontends, frontends)) return undefined;
    return {
      ...own,
      frontends,
      contests: table.contests,
      refused: { ...own.refused, services: this.#bothRefused(table.refused.services, own.refused.services) },
      wildcards: own.wildcards.size === 0 ? table.wildcards : new Map([...own.wildcards, ...table.wildcards]),
    };
  }

  #kindOf(node: ExpectNode, config: LbConfig): Kind {
    const settings = JSON.stringify(config, (_, value: unknown) => (value instanceof Set ? [...value] : value));
    const key = `${node.nodePortAddresses === undefined} ${settings}`;
    const kind = this.#kinds.get(key) ?? this.#newKind(node, config);
    this.#kinds.set(key, kind);
    return kind;
  }

  #newKind({ clusterAddresses, nodePortAddresses }: ExpectNode, config: LbConfig): Kind {
    const { true: services = [], false: others = [] } = Object.groupBy(this.#objects.services, (service) =>
      dependsOnNode(service, config) ? 'true' : 'false',
    );
    const objects = { ...this.#objects, services: others, pods: [], localRedirectPolicies: [] };
    // Of a node whose own addresses were not read some rows are optional, and none is repeated.
    const own = nodePortAddresses && anyAddresses;
    const any = { ...anyNode, clusterAddresses, nodePortAddresses: own };
    const table = this.#rows.share(this.#whole(any, config, objects));
    const rows = new Map<FrontendKey, ExpectedFrontend>();
    const spread = new Map<FrontendKey, ExpectedFrontend>();
    for (const row of table.frontends.values()) {
      if (row.key === row.agentKey) rows.set(row.key, row);
      else spread.set(row.agentKey, row);
    }
    const addresses = new Set(Array.from(rows.values(), ({ address }) => address));
    return { common: { rows, spread, addresses }, table, services };
  }

  #placeOf({ owner, optional }: ExpectedFrontend): number | undefined {
    if (owner.kind !== 'Service' || optional === healthCheckOnBalancer) return undefined;
    return this.#places.get(ownerName(owner));
  }

  #bothRefused(common: readonly Refusal[], own: readonly Refusal[]): readonly Refusal[] {
    if (own.length === 0) return common;
    const place = ({ owner }: Refusal): number => this.#places.get(ownerName(owner)) ?? Infinity;
    return [...common, ...own].toSorted((a, b) => place(a) - place(b));
  }
}

/** Nodes that are configured alike. */
interface Kind {
  readonly common: CommonExpectations;
  readonly table: ExpectedTable;
  /** Those whose rows depend on the node. */
  readonly services: readonly Service[];
}

/** Of the rows of a Service more depends on the node than at which addresses NodePorts are. */
function dependsOnNode(service: Service, config: LbConfig): boolean {
  const { externalLocal, internalLocal, distribution } = serviceTraits(service, config, behaviourOf(config.version));
  const { annotations } = service.metadata;
  return (
    externalLocal ||
    internalLocal ||
    distribution !== 'none' ||
    annotations?.['service.cilium.io/node-selector'] !== undefined ||
    annotations?.['service.cilium.io/node'] !== undefined
  );
}

/** Whether one of these is among the rows of other layers. */
function meets(own: ReadonlyMap<FrontendKey, ExpectedFrontend>, { layers }: LayeredFrontends): boolean {
  const others = new LayeredFrontends({ ...layers, own: new Map() });
  return [...own.keys()].some((key) => others.has(key));
}
