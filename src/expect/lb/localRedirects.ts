import type { CiliumLocalRedirectPolicy, ContainerPort, Pod, RedirectPort } from '../../model/kubernetes.ts';
import {
  canonicalAddress,
  type Family,
  familyOf,
  isWithin,
  type Protocol,
  protocolOf,
} from '../../model/lb/address.ts';
import { backendKey } from '../../model/lb/keys.ts';
import type { Claim, ServiceTraits } from './Claim.ts';
import type { ServiceBackend } from './endpointBackends.ts';
import { plainTraits, podAddresses } from './hostPortClaims.ts';
import { matchesSelector } from './labelSelectors.ts';
import type { ClaimContext } from './serviceClaims.ts';
import type { CiliumBehaviour } from './versionGates.ts';

interface Port {
  readonly port: number;
  readonly protocol: Protocol;
  /** Lower case; empty: none. */
  readonly name: string;
}

interface Policy {
  readonly traits: ServiceTraits;
  readonly target:
    | { readonly kind: 'address'; readonly address: string }
    | { readonly kind: 'service'; readonly service: string };
  readonly frontendPorts: readonly Port[];
  readonly backendPorts: readonly Port[];
  readonly backends: readonly ServiceBackend[];
  /** The ports that its pods declare, where frontends of others are left alone; undefined: they are not. */
  readonly reached: readonly DeclaredPort[] | undefined;
}

interface DeclaredPort {
  readonly family: Family;
  readonly protocol: Protocol;
  readonly name: string;
}

/**
 * Applies the redirect policies to the frontends of a node: those of a matched Service choose local pods instead,
 * matched addresses become frontends. A policy without a matching pod on the node changes nothing.
 * pkg/loadbalancer/redirectpolicy.
 */
export function applyRedirects(
  claims: readonly Claim[],
  policies: readonly CiliumLocalRedirectPolicy[],
  pods: readonly Pod[],
  context: ClaimContext,
): readonly Claim[] {
  const active = policies.map((policy) => policyOf(policy, pods, context)).filter((policy) => policy !== undefined);
  if (active.length === 0) return claims;
  const redirected = claims.map((claim) => {
    const policy = active.find((one) => redirects(one, claim));
    return policy === undefined ? claim : { ...claim, redirected: true, backends: policy.backends };
  });
  return [...redirected, ...active.flatMap((policy) => addressClaims(policy))];
}

/** undefined: invalid, so that the agent passes over it, or no pod of the node matches. */
function policyOf(
  policy: CiliumLocalRedirectPolicy,
  pods: readonly Pod[],
  { node, config, behaviour }: ClaimContext,
): Policy | undefined {
  const { metadata, spec } = policy;
  const addressMatcher = spec?.redirectFrontend?.addressMatcher;
  const serviceMatcher = spec?.redirectFrontend?.serviceMatcher;
  if ((addressMatcher === undefined) === (serviceMatcher === undefined)) return undefined;
  const asked = addressMatcher?.toPorts ?? serviceMatcher?.toPorts ?? [];
  const askedBackends = spec?.redirectBackend?.toPorts ?? [];
  if (addressMatcher !== undefined && asked.length === 0) return undefined;
  const named = asked.length > 1;
  const frontendPorts = portsOf(asked, named);
  const backendPorts = portsOf(askedBackends, named || askedBackends.length > 1);
  if (frontendPorts === undefined || backendPorts === undefined) return undefined;
  if (frontendPorts.length === 1 && frontendPorts[0]?.protocol !== backendPorts[0]?.protocol) return undefined;

  const target = targetOf(metadata.namespace ?? '', addressMatcher?.ip, serviceMatcher, config.redirectCidrs);
  if (target === undefined) return undefined;
  const matching = pods.filter(
    (pod) =>
      pod.spec?.nodeName === node.name &&
      pod.metadata.namespace === metadata.namespace &&
      (!behaviour.redirectNeedsReadiness || isReady(pod)) &&
      matchesSelector(spec?.redirectBackend?.localEndpointSelector, pod.metadata.labels ?? {}),
  );
  if (matching.length === 0) return undefined;
  // Names matter only where several ports must be told apart.
  const isAll = asked.length === 0;
  const needsNames = named || (behaviour.redirectByPods && isAll && backendPorts.length > 1);
  const byName = needsNames ? new Set(backendPorts.map(({ name }) => name)) : undefined;
  const isSingle = behaviour.redirectByPods && asked.length === 1;
  const wanted = isSingle ? backendPorts.slice(0, 1) : backendPorts;
  return {
    traits: {
      ...plainTraits,
      owner: { kind: 'CiliumLocalRedirectPolicy', namespace: metadata.namespace ?? '', name: metadata.name },
      createdAt: metadata.creationTimestamp ?? '',
    },
    target,
    frontendPorts,
    backendPorts,
    backends: matching.flatMap((pod) => podBackends(pod, wanted, byName, behaviour)),
    reached: behaviour.redirectByPods ? matching.flatMap(declaredPorts) : undefined,
  };
}

/** undefined: one of them is invalid, and with it the policy. */
function portsOf(ports: readonly RedirectPort[], named: boolean): readonly Port[] | undefined {
  const read = ports.map((port) => portOf(port, named)).filter((port) => port !== undefined);
  return read.length === ports.length ? read : undefined;
}

function portOf({ port, protocol, name }: RedirectPort, named: boolean): Port | undefined {
  const number = Number(port);
  const known = protocolOf((protocol ?? 'TCP').toUpperCase());
  if (
    !Number.isInteger(number) ||
    number < 1 ||
    number > 65535 ||
    known === undefined ||
    (named && (name ?? '') === '')
  )
    return undefined;
  return { port: number, protocol: known, name: (name ?? '').toLowerCase() };
}

function targetOf(
  namespace: string,
  ip: string | undefined,
  service: { readonly serviceName: string; readonly namespace: string } | undefined,
  cidrs: readonly string[],
): Policy['target'] | undefined {
  if (service !== undefined) {
    const valid = service.serviceName !== '' && service.namespace === namespace;
    return valid ? { kind: 'service', service: `${service.namespace}/${service.serviceName}` } : undefined;
  }
  const address = canonicalAddress(ip ?? '');
  if (address === undefined || (cidrs.length > 0 && !cidrs.some((cidr) => isWithin(address, cidr)))) return undefined;
  return { kind: 'address', address };
}

const isReady = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True');

function podBackends(
  pod: Pod,
  wanted: readonly Port[],
  byName: ReadonlySet<string> | undefined,
  behaviour: CiliumBehaviour,
): readonly ServiceBackend[] {
  const declared = portsOfPod(pod);
  const ports =
    declared.length === 0 && byName === undefined && behaviour.redirectByPods ? undeclared(wanted) : declared;
  return podAddresses(pod).flatMap((address) =>
    ports.flatMap(({ name: given, containerPort, protocol: asked }): readonly ServiceBackend[] => {
      const name = given ?? '';
      const protocol = protocolOf(asked ?? 'TCP');
      const fits = wanted.some((port) => port.port === containerPort && port.protocol === protocol);
      if (protocol === undefined || !fits || (byName !== undefined && !byName.has(name.toLowerCase()))) return [];
      return [
        {
          key: backendKey(address, containerPort, protocol),
          state: 'active',
          protocol,
          family: familyOf(address),
          portNames: name === '' || (byName === undefined && isNameless(behaviour)) ? [] : [name],
          nodeName: '',
          forZones: [],
          ambiguous: false,
        },
      ];
    }),
  );
}

/** Where names do not matter, backends have none. */
const isNameless = ({ unnamedPortsMatch, redirectByPods }: CiliumBehaviour): boolean =>
  !unnamedPortsMatch || redirectByPods;

/** What a pod that declares no port is taken to have. */
const undeclared = (wanted: readonly Port[]): readonly ContainerPort[] =>
  wanted.slice(0, 1).map(({ port, protocol }) => ({ containerPort: port, protocol }));

/** Only ClusterIPs are redirected, and only those whose port the policy names (or all, where it names none). */
function redirects({ target, frontendPorts, backendPorts, reached }: Policy, claim: Claim): boolean {
  if (target.kind !== 'service' || claim.type !== 'ClusterIP') return false;
  const { owner } = claim.traits;
  if (owner.kind !== 'Service' || target.service !== `${owner.namespace}/${owner.name}`) return false;
  const named =
    frontendPorts.length === 0 ||
    frontendPorts.some(({ port, protocol }) => port === claim.port && protocol === claim.protocol);
  if (!named || backendPorts.length <= 1) return named;
  if (reached !== undefined && frontendPorts.length === 1) return true;
  return backendPorts.some(({ name }) => name === claim.portName) && isReached(reached, claim);
}

const isReached = (reached: readonly DeclaredPort[] | undefined, { address, protocol, portName }: Claim): boolean =>
  reached === undefined ||
  reached.some((port) => port.family === familyOf(address) && port.protocol === protocol && port.name === portName);

const declaredPorts = (pod: Pod): readonly DeclaredPort[] =>
  podAddresses(pod).flatMap((address) =>
    portsOfPod(pod).flatMap(({ name, protocol: asked }) => {
      const protocol = protocolOf(asked ?? 'TCP');
      return protocol === undefined ? [] : [{ family: familyOf(address), protocol, name: name ?? '' }];
    }),
  );

const portsOfPod = ({ spec }: Pod): readonly ContainerPort[] =>
  (spec?.containers ?? []).flatMap((container) => container.ports ?? []);

function addressClaims({ traits, target, frontendPorts, backends }: Policy): readonly Claim[] {
  if (target.kind !== 'address') return [];
  return frontendPorts.map(({ port, protocol, name }) => ({
    traits,
    address: target.address,
    port,
    protocol,
    scope: 'external',
    type: 'LocalRedirect',
    portName: frontendPorts.length > 1 ? name : '',
    backends,
    redirected: false,
    optional: undefined,
  }));
}
