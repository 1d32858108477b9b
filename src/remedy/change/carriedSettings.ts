import type { Derivations } from '../../core/Derivations.ts';
import { agentConfigOnNode } from '../../expect/agent/agentConfigOnNode.ts';
import { isAskedFor, providersOf } from '../../expect/kube-proxy/healthAskers.ts';
import { coveredNodes } from '../../core/Derivations.ts';
import { apiClients } from '../../expect/api-server/apiClients.ts';
import { apiServerRange } from '../../expect/api-server/apiServerRange.ts';
import { isKubernetesService } from '../../expect/api-server/apiEndpoint.ts';
import { apiServers } from '../../expect/api-server/apiServers.ts';
import { valueOf } from '../../model/Fact.ts';
import type { Distribution, Snapshot } from '../../model/Snapshot.ts';
import type { CarriedSetting } from './Checklist.ts';
import type { Ground } from './Ground.ts';

/** What has to be set together with the replacement, with this cluster's values: what is right already is left out. */
export const carriedSettings = (ground: Ground, derivations: Derivations): readonly CarriedSetting[] => [
  ...apiServer(ground, derivations),
  ...nodePortRange(ground, derivations),
  ...nodePortAddresses(ground, derivations),
  ...healthPort(ground, derivations),
];

/** Nodes reach their own API server there (Talos: KubePrism; k3s and RKE2: the agent's balancer). */
const localServers: Readonly<Partial<Record<Distribution, { readonly host: string; readonly port: string }>>> = {
  talos: { host: 'localhost', port: '7445' },
  k3s: { host: '127.0.0.1', port: '6444' },
};

/** Agents that have no way of their own ask the ClusterIP, which they themselves are to serve from now on. */
function apiServer({ snapshot }: Ground, derivations: Derivations): readonly CarriedSetting[] {
  const clusterIPs = kubernetesIPs(snapshot);
  const needs = derivations
    .of(apiClients)
    .some(
      ({ endpoint }) =>
        endpoint.kind === 'injected' || (endpoint.kind === 'set' && isKubernetesService(endpoint.host, clusterIPs)),
    );
  if (!needs) return [];
  const local = localServers[snapshot.distribution];
  const from = `${snapshot.distribution} has a balancer for its API servers on each node`;
  if (local !== undefined) return hostAndPort(local.host, local.port, from);
  const known = derivations.of(apiServers);
  const shared = known.find((one) => one.shared) ?? (known.length === 1 ? known[0] : undefined);
  if (shared !== undefined) return hostAndPort(shared.host, shared.port, shared.from);
  const each = known.map(({ host }) => host).join(', ');
  const why = each === '' ? 'nothing here tells it' : `for all of ${each}: a balancer’s address, none of one server`;
  return hostAndPort('ADDRESS_OF_ALL_API_SERVERS', known[0]?.port ?? '6443', why);
}

const hostAndPort = (host: string, port: string, from: string): readonly CarriedSetting[] => [
  { helm: 'k8sServiceHost', value: host, from },
  { helm: 'k8sServicePort', value: port, from },
];

/** Of the Service that stands for the API servers. */
export const kubernetesIPs = ({ facts }: Pick<Snapshot, 'facts'>): readonly string[] =>
  (valueOf(facts.services) ?? [])
    .filter(({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes')
    .flatMap(({ spec }) => spec?.clusterIPs ?? [spec?.clusterIP ?? '']);

function nodePortRange({ snapshot }: Ground, derivations: Derivations): readonly CarriedSetting[] {
  const wanted = apiServerRange(valueOf(snapshot.facts.systemPods) ?? []);
  const [config] = configsOf(derivations);
  if (wanted === undefined || config === undefined) return [];
  const { min, max } = config.nodePortRange.value;
  if (wanted.range.min === min && wanted.range.max === max) return [];
  const value = `${wanted.range.min}\\,${wanted.range.max}`;
  return [{ helm: 'nodePort.range', value, from: `${wanted.seen} of the API server` }];
}

function nodePortAddresses({ proxy }: Ground, derivations: Derivations): readonly CarriedSetting[] {
  const wanted = proxy.settings?.nodePortAddresses ?? [];
  const [config] = configsOf(derivations);
  if (wanted.length === 0 || config === undefined || config.nodePortAddresses.value.length > 0) return [];
  return [{ helm: 'nodePort.addresses', value: `{${wanted.join(',')}}`, from: 'nodePortAddresses of kube-proxy' }];
}

/** Load balancers ask there for what kube-proxy answers now; agents take it over as they start without kube-proxy. */
function healthPort({ snapshot }: Ground, derivations: Derivations): readonly CarriedSetting[] {
  const { nodes, services } = snapshot.facts;
  const provider = [...providersOf(valueOf(nodes) ?? []).values()].find((one) => one !== undefined);
  const [config] = configsOf(derivations);
  const isAsked = provider !== undefined && (valueOf(services) ?? []).some(isAskedFor);
  if (!isAsked || config === undefined || config.healthzBindAddress.value !== '') return [];
  const from = `load balancers of ${provider} ask port 10256, which kube-proxy answers`;
  return [{ helm: 'kubeProxyReplacementHealthzBindAddr', value: '0.0.0.0:10256', from }];
}

const configsOf = (derivations: Derivations) =>
  coveredNodes(derivations.snapshot).flatMap(({ name }) => {
    const config = derivations.on(agentConfigOnNode, name);
    return 'missing' in config || 'missing' in config.next ? [] : [config.next];
  });
