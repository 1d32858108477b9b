import type { CiliumLocalRedirectPolicy, EndpointSlice, Pod, Service } from '../../model/kubernetes.ts';
import { familyOf, isUnspecified, unspecified } from '../../model/lb/address.ts';
import type { FlagName, FrontendType } from '../../model/lb/lbFlags.ts';
import { backendKey, type FrontendKey, frontendKey } from '../../model/lb/keys.ts';
import type { Claim } from './Claim.ts';
import { behaviourOf } from './versionGates.ts';
import type { ExpectedFrontend, ExpectedTable } from './ExpectedTable.ts';
import { ownerId, ownerName, serviceRef } from './OwnerRef.ts';
import type { ExpectNode } from './ExpectNode.ts';
import { frontendFlags, usesMaglev } from './frontendFlags.ts';
import { hostPortClaims, plainTraits } from './hostPortClaims.ts';
import type { LbConfig } from './LbConfig.ts';
import { applyRedirects } from './localRedirects.ts';
import { serviceKey } from './readyBackends.ts';
import type { Contest } from './Refusal.ts';
import { selectBackends, type SelectingNode } from './selectBackends.ts';
import { SharedBackends } from './SharedBackends.ts';
import { type ClaimContext, serviceClaims } from './serviceClaims.ts';

/** Objects of the API, as listed. One value is used for all nodes, so that what they share is computed once. */
export interface ApiObjects {
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  /** At least the pods with hostPorts and those that redirect policies select; undefined: not read. */
  readonly pods: readonly Pod[] | undefined;
  /** Empty where the kind is not installed; undefined: not read. */
  readonly localRedirectPolicies: readonly CiliumLocalRedirectPolicy[] | undefined;
}

export interface ExpectInput {
  readonly node: ExpectNode;
  readonly config: LbConfig;
  readonly objects: ApiObjects;
}

/** What the API requires a node's load-balancing maps to hold. @param shared one for all nodes of the same objects */
export function expectTable(
  { node, config, objects }: ExpectInput,
  shared: SharedBackends = new SharedBackends(),
): ExpectedTable {
  const behaviour = behaviourOf(config.version);
  const context: ClaimContext = { node, config, behaviour };
  const { claims, refused, contests } = claimsOf(objects, context, shared);
  const contested = contestedOwners(contests);
  const selecting: SelectingNode = {
    name: node.name,
    zone: node.labels['topology.kubernetes.io/zone'],
    serviceTopology: config.serviceTopology,
  };
  const common = { selecting, context, contested, shared };
  const frontends = new Map<FrontendKey, ExpectedFrontend>();
  const spread: ExpectedFrontend[] = [];
  for (const claim of claims) {
    const row = rowOf(claim, claim.address, common);
    frontends.set(row.key, withAlternative(frontends.get(row.key), row));
    if (isSpread(claim)) {
      for (const address of node.nodePortAddresses ?? []) {
        if (familyOf(address) === familyOf(claim.address)) spread.push(rowOf(claim, address, common));
      }
    }
  }
  for (const row of spread) {
    const same = frontends.get(row.key);
    // Before, the two overwrite each other (cilium/cilium#44730).
    const yields = same !== undefined && behaviour.nodePortConflicts && same.agentKey === same.key;
    if (!yields) frontends.set(row.key, withAlternative(same, row));
  }
  return {
    node: node.name,
    frontends,
    refused,
    contests,
    wildcards: wildcardsOf(claims, context),
    propertiesKnown: behaviour.propertiesKnown,
    unknown: {
      nodePortAddresses:
        node.nodePortAddresses === undefined ? 'the node addresses of the agent were not read' : undefined,
      hostPorts: objects.pods === undefined ? 'pods were not read' : undefined,
      redirects:
        config.localRedirects && (objects.pods === undefined || objects.localRedirectPolicies === undefined)
          ? 'pods or redirect policies were not read'
          : undefined,
    },
  };
}

function claimsOf(
  objects: ApiObjects,
  context: ClaimContext,
  shared: SharedBackends,
): { readonly claims: readonly Claim[] } & Pick<ExpectedTable, 'refused' | 'contests'> {
  const { config, behaviour } = context;
  const index = shared.indexOf(objects.endpointSlices, behaviour, config);
  const services = objects.services.map((service) =>
    serviceClaims(service, index.get(serviceKey(service)) ?? [], context),
  );
  const ofServices = services.flatMap(({ claims }) => claims);
  const pods = objects.pods ?? [];
  const hostPorts = pods.map((pod) => hostPortClaims(pod, context));
  const plain = [
    ...ofServices,
    ...hostPorts.flatMap(({ claims }) => claims),
    ...healthChecksOf(objects.services, ofServices, context),
  ];
  const claims = config.localRedirects
    ? applyRedirects(plain, objects.localRedirectPolicies ?? [], pods, context)
    : plain;
  const refused = {
    services: services.flatMap((one) => one.refused),
    hostPorts: hostPorts.flatMap((one) => one.refused),
  };
  return { claims, refused, contests: contestsOf(claims) };
}

function contestsOf(claims: readonly Claim[]): readonly Contest[] {
  const owners = new Map<string, Claim>();
  const contests: Contest[] = [];
  for (const claim of claims) {
    const key = frontendKey(claim.address, claim.port, claim.protocol, claim.scope);
    const first = owners.get(key);
    const { owner } = claim.traits;
    if (first === undefined) owners.set(key, claim);
    else if (first.traits.owner !== owner && ownerId(first.traits.owner) !== ownerId(owner))
      contests.push({ key, claimants: [first.traits.owner, owner] });
  }
  return contests;
}

/** Owners of a key that another owner claims, too, with what is said of it. */
type Contested = ReadonlyMap<string, string>;

function contestedOwners(contests: readonly Contest[]): Contested {
  return new Map(
    contests.flatMap(({ key, claimants: [one, other] }) => [
      [ownerId(one), `${key} is claimed by ${ownerName(other)}, too`],
      [ownerId(other), `${key} is claimed by ${ownerName(one)}, too`],
    ]),
  );
}

function healthChecksOf(
  services: readonly Service[],
  claims: readonly Claim[],
  context: ClaimContext,
): readonly Claim[] {
  if (!context.config.healthCheckLoadBalancerIP) return [];
  const balancers = Map.groupBy(
    claims.filter(({ type }) => type === 'LoadBalancer'),
    ({ traits }) => ownerName(traits.owner),
  );
  return services.flatMap((service) => healthCheckClaims(service, balancers, context));
}

/**
 * With its own switch, a health check of a Service with policy Local answers behind its LoadBalancer addresses, too.
 */
function healthCheckClaims(
  { metadata, spec }: Service,
  balancers: ReadonlyMap<string, readonly Claim[]>,
  { node }: ClaimContext,
): readonly Claim[] {
  const port = spec?.healthCheckNodePort ?? 0;
  if (port === 0 || spec?.externalTrafficPolicy !== 'Local') return [];
  const owner = serviceRef({ metadata });
  const addresses = new Set((balancers.get(ownerName(owner)) ?? []).map(({ address }) => address));
  return [...addresses].map((address) => {
    const family = familyOf(address);
    const backend = node.nodePortAddresses?.find((one) => familyOf(one) === family) ?? unspecified[family];
    return {
      traits: {
        ...plainTraits,
        owner,
        createdAt: metadata.creationTimestamp ?? '',
        externalLocal: true,
        internalLocal: true,
      },
      address,
      port,
      protocol: 'TCP',
      scope: 'external',
      type: 'LoadBalancer',
      portName: '',
      backends: [
        {
          key: backendKey(backend, port, 'TCP'),
          state: 'active',
          protocol: 'TCP',
          family,
          portNames: [],
          nodeName: node.name,
          forZones: [],
          ambiguous: node.nodePortAddresses === undefined,
        },
      ],
      redirected: false,
      // Of several addresses only the one that the agent saw last has it.
      optional: healthCheckOnBalancer,
    };
  });
}

/** Why such a row may be absent. */
export const healthCheckOnBalancer = 'a health check behind a LoadBalancer address';

/** Rows under the zero address are repeated for every node address that serves NodePorts. */
const isSpread = ({ type, address }: Claim): boolean =>
  type === 'NodePort' || (type === 'HostPort' && isUnspecified(address));

interface RowContext {
  readonly selecting: SelectingNode;
  readonly context: ClaimContext;
  readonly contested: Contested;
  readonly shared: SharedBackends;
}

function rowOf(claim: Claim, address: string, { selecting, context, contested, shared }: RowContext): ExpectedFrontend {
  const { traits, port, protocol, scope, type, portName, redirected } = claim;
  const family = familyOf(address);
  const selection = {
    type,
    scope,
    family,
    protocol,
    portName,
    externalLocal: traits.externalLocal,
    internalLocal: traits.internalLocal,
    distribution: traits.distribution,
    redirected,
  };
  const backends = selectBackends(claim.backends, selection, selecting, context.behaviour);
  const shownType: FrontendType = redirected ? 'LocalRedirect' : type;
  const key = frontendKey(address, port, protocol, scope);
  return {
    key,
    address,
    port,
    protocol,
    scope,
    type: shownType,
    flags: frontendFlags(claim, shownType, address, context) satisfies ReadonlySet<FlagName>,
    owner: traits.owner,
    portName,
    backends,
    selectable: shared.selectableOf(backends),
    affinityTimeout: traits.affinityTimeout,
    algorithm: traits.algorithm,
    sourceRanges:
      traits.sourceRanges.length === 0
        ? none
        : traits.sourceRanges.filter((cidr) => familyOf(cidr) === family).toSorted(),
    maglev: usesMaglev(claim, address, context.config),
    remote: traits.remote,
    optional: claim.optional ?? contested.get(ownerId(claim.traits.owner)),
    alternatives: none,
    agentKey: address === claim.address ? key : frontendKey(claim.address, port, protocol, scope),
  };
}

const none: readonly never[] = [];

function withAlternative(first: ExpectedFrontend | undefined, second: ExpectedFrontend): ExpectedFrontend {
  if (first === undefined) return second;
  // Required as soon as one of the claimants is.
  const optional = first.optional !== undefined && second.optional !== undefined ? first.optional : undefined;
  return { ...first, optional, alternatives: [...first.alternatives, second] };
}

const managedClasses: ReadonlySet<string> = new Set(['io.cilium/bgp-control-plane', 'io.cilium/l2-announcer']);

function wildcardsOf(
  claims: readonly Claim[],
  { node, config, behaviour }: ClaimContext,
): ReadonlyMap<string, FrontendType> {
  const wildcards = new Map<string, FrontendType>();
  if (!behaviour.wildcards || !config.wildcards) return wildcards;
  const local = new Set(behaviour.wildcardsSpareLocal ? node.localAddresses : []);
  for (const { type, scope, address, traits } of claims) {
    if ((type !== 'ClusterIP' && type !== 'LoadBalancer') || scope !== 'external' || local.has(address)) continue;
    const { loadBalancerClass } = traits;
    const ours =
      loadBalancerClass === undefined ? config.loadBalancerIpam === 'lbipam' : managedClasses.has(loadBalancerClass);
    if (ours && !wildcards.has(address)) wildcards.set(address, type);
  }
  return wildcards;
}
