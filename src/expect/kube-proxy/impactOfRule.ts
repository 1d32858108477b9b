import { perServiceHash } from '../../knowledge/iptablesOwners.ts';
import type { Service } from '../../model/kubernetes.ts';
import type { IptablesRule, Listener } from '../../model/NodeFacts.ts';
import { canonicalAddress, isLoopback, type Protocol, protocolOf } from '../../model/lb/address.ts';
import { type FrontendKey, frontendKey } from '../../model/lb/keys.ts';
import { optionsOf } from '../../model/RuleOptions.ts';
import type { ServicePortName } from './chainHashes.ts';
import { backendsOf, serviceKey } from '../lb/readyBackends.ts';
import { nodePortKey, type ServedPort } from '../lb/servicesByFrontend.ts';
import type { ServiceIndex } from './serviceIndex.ts';

/** What a rule of kube-proxy does to connections of today. */
export type RuleImpact = {
  readonly kind: 'refused' | 'diverted';
  readonly rule: IptablesRule;
} & (
  | { readonly victim: 'service'; readonly service: Service }
  /** A process of the node that listens on a port which was a NodePort. */
  | { readonly victim: 'listener'; readonly port: number }
);

/** A node and the Services of today, as rules that are old meet them: on most nodes there are none, and nobody asks. */
export interface CurrentState {
  readonly node: string;
  readonly services: () => ServiceIndex;
  /** The ports of Services by the hash in the names of their chains. */
  readonly hashes: () => ReadonlyMap<string, ServicePortName>;
  readonly listeners: readonly Listener[];
  readonly frontends: RuleFrontends;
}

/** For which frontends rules are: nodes have most of them in common, and each is looked at once. */
export class RuleFrontends {
  /** By the lines of rules. */
  readonly #known = new Map<string, RuleFrontend | 'none'>();

  of(rule: IptablesRule): RuleFrontend | undefined {
    let known = this.#known.get(rule.line);
    if (known === undefined) this.#known.set(rule.line, (known = frontendOf(rule) ?? 'none'));
    return known === 'none' ? undefined : known;
  }
}

/** Whether a rule does anything of that on any node. */
export function mayHarm(rule: IptablesRule, state: Omit<CurrentState, 'node' | 'listeners'>): boolean {
  const hash = rule.target === undefined ? undefined : perServiceHash(rule.target);
  const refuses = rule.target === 'REJECT' || rule.target === 'DROP';
  const frontend = hash !== undefined || refuses ? state.frontends.of(rule) : undefined;
  if (frontend === undefined) return false;
  const served = state.services().byFrontend.get(frontend.key);
  if (served === undefined) return frontend.address === undefined;
  return hash === undefined || !isOwn(state.hashes().get(hash), served, frontend.protocol);
}

/** The frontend decides and not the comment, because an address or a node port may belong to another Service by now. */
export function impactOfRule(rule: IptablesRule, state: CurrentState): RuleImpact | undefined {
  const { target } = rule;
  if (target === undefined) return undefined;
  const hash = perServiceHash(target);
  if (hash === undefined && target !== 'REJECT' && target !== 'DROP') return undefined;
  const frontend = state.frontends.of(rule);
  if (frontend === undefined) return undefined;
  const { address, port, protocol, key } = frontend;
  const served = state.services().byFrontend.get(key);
  const kind = hash === undefined ? 'refused' : 'diverted';
  if (served !== undefined) {
    const harmed =
      hash === undefined ? isRefused(rule, served, state) : !isOwn(state.hashes().get(hash), served, protocol);
    return harmed ? { kind, rule, victim: 'service', service: served.service } : undefined;
  }
  // Listeners are known of TCP only. What listens on loopback alone is out of the reach of those that a
  // node port serves.
  const listens =
    address === undefined &&
    protocol === 'TCP' &&
    state.listeners.some((one) => one.port === port && !isLoopback(one.address));
  return listens ? { kind, rule, victim: 'listener', port } : undefined;
}

/** As kube-proxy writes it; without an address: a node port. */
interface RuleFrontend {
  readonly address: string | undefined;
  readonly port: number;
  readonly protocol: Protocol;
  /** In ServiceIndex.byFrontend. */
  readonly key: FrontendKey;
}

/** undefined: the rule is for no single one. */
function frontendOf(rule: IptablesRule): RuleFrontend | undefined {
  const options = optionsOf(rule);
  const { chain, destination, destinationType, port } = options;
  const protocol = protocolOf(options.protocol?.toUpperCase() ?? '');
  if (port === undefined || protocol === undefined || destination?.startsWith('!') === true) return undefined;
  // The rule of a node port for clients on the node itself.
  const ofNode = { address: undefined, port, protocol, key: nodePortKey(port, protocol) };
  if (destination?.startsWith('127.0.0.0') === true) return ofNode;
  if (destination !== undefined) {
    const printed = destination.replace(/\/.*/, '');
    const address = canonicalAddress(printed) ?? printed;
    return { address, port, protocol, key: frontendKey(address, port, protocol, 'external') };
  }
  const isNodePort = chain === 'KUBE-NODEPORTS' || destinationType === 'LOCAL';
  return isNodePort ? ofNode : undefined;
}

/**
 * Whether a Service is turned away although it has backends by now: such rules are written while it has no endpoints,
 * or none on the node. Those of a load balancer's firewall go by sources that were allowed once; where today's are no
 * others, they are right.
 */
function isRefused(
  { comment }: IptablesRule,
  { service, portName }: ServedPort,
  { node, services }: CurrentState,
): boolean {
  const [, why, local] =
    / (has no (local )?endpoints|traffic not accepted by KUBE-FW-[A-Z2-7]+)$/.exec(comment ?? '') ?? [];
  if (why === undefined) return false;
  if (why.startsWith('traffic') && (service.spec?.loadBalancerSourceRanges ?? []).length > 0) return false;
  const backends = backendsOf(services().slices.get(serviceKey(service)) ?? [], portName);
  return backends.some(({ nodeName }) => local === undefined || nodeName === node);
}

const isOwn = (chain: ServicePortName | undefined, { service, portName }: ServedPort, protocol: Protocol): boolean =>
  chain !== undefined &&
  chain.namespace === (service.metadata.namespace ?? '') &&
  chain.name === service.metadata.name &&
  chain.port === portName &&
  chain.protocol.toUpperCase() === protocol;
