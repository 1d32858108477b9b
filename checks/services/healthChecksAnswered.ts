import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import {
  forEachNode,
  inconclusive,
  notApplicable,
  type Objection,
  type Outcome,
  pass,
  passUnless,
} from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { providerOf } from '../../src/expect/kube-proxy/healthAskers.ts';
import { kubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { serviceKey } from '../../src/expect/lb/readyBackends.ts';
import { ciliumMinor } from '../../src/knowledge/ciliumVersion.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr1011 } from '../agents/problems/KPR1011.ts';
import { kpr5002 } from './problems/KPR5002.ts';

/** An agent opens the port as soon as it knows of the Service. */
const patienceMs = 60_000;

/**
 * Agents of 1.20 that find the port taken try no second time and call themselves healthy (cilium:
 * pkg/loadbalancer/healthserver, whose server was shut down when it is tried again). Those before say so themselves.
 */
export const healthChecksAnswered = defineCheck({
  id: 'health-checks-answered',
  title: 'Agents have the ports at which load balancers ask for the health of Services',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1011, kpr5002],
  requires: { cluster: ['services'] },
  optional: { cluster: ['nodes'], node: ['listeners', 'moduleHealth', 'frontendStates', 'status'] },
  uses: [agentConfigOnNode, replacementOnNode, kubeProxyPresence],
  run({ cluster, nodes, frame: { takenAt } }) {
    const now = Date.parse(takenAt);
    const asked = cluster.services.filter((service) => portOf(service) !== 0);
    if (asked.length === 0) return notApplicable('no Service has a port for the health checks of its load balancer');
    const providers = new Map((valueOf(cluster.nodes) ?? []).map((node) => [node.metadata.name, providerOf(node)]));
    return forEachNode(nodes, (node): Outcome<'KPR1011' | 'KPR5002'> => {
      if (node.derived(replacementOnNode) === 'off') return notApplicable('kube-proxy replacement is off');
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return inconclusive(config);
      if (!config.settings.healthCheckNodePort.value) {
        // A cloud's load balancers ask; what Cilium or MetalLB announces is announced where there are backends.
        const asking = (providers.get(node.name) ?? '') === '' ? [] : asked.filter(isOfCloud);
        if (asking.length === 0 || node.derived(kubeProxyPresence).kind !== 'none')
          return notApplicable('enable-health-check-nodeport is off');
        return unanswered(asking, node);
      }
      return passUnless(asked.flatMap((service) => judged(service, node, now)));
    });
  },
});

type View = NodeView<never, 'listeners' | 'moduleHealth' | 'frontendStates' | 'status'>;

const isOfCloud = ({ spec, status }: Service): boolean =>
  spec?.loadBalancerClass === undefined &&
  (status?.loadBalancer?.ingress ?? []).length > 0 &&
  !(status?.conditions ?? []).some(({ type }) => type === 'cilium.io/IPAMRequestSatisfied');

/** Nobody is to answer: it is as it was asked for, and load balancers take the node for one without backends. */
function unanswered(services: readonly Service[], node: View): Outcome<'KPR5002'> {
  const { listeners } = node.facts;
  if (!isKnown(listeners)) return inconclusive(listeners);
  const closed = services.filter((service) => !listeners.value.some(({ port }) => port === portOf(service)));
  if (closed.length === 0) return pass;
  const objects = closed.map(({ metadata: { namespace = '', name } }) => ({ kind: 'Service', namespace, name }));
  const ports = closed.map(portOf).join(', ');
  const params = { services: listFirst(closed.map(serviceKey), 3), ports };
  const about = { nodes: [node.name], objects, evidence: [node.evidence('listeners', `nobody listens on ${ports}`)] };
  return finding(kpr5002, 'healthCheck', params, about);
}

/** Of those alone agents answer: what no load balancer asks needs no answer. */
const portOf = ({ spec }: Service): number =>
  spec?.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local' ? (spec.healthCheckNodePort ?? 0) : 0;

const isYoung = ({ metadata }: Service, now: number): boolean =>
  now - Date.parse(metadata.creationTimestamp ?? '') < patienceMs;

function judged(service: Service, node: View, now: number): readonly Objection<'KPR1011'>[] {
  const port = portOf(service);
  if (!isTheirs(service, node) || saysItself(node) || isToldBy(port, node)) return [];
  const { listeners } = node.facts;
  if (!isKnown(listeners)) return [inconclusive(listeners)];
  const there = listeners.value.filter((one) => one.port === port);
  const [first] = there;
  if (there.some(({ isAgent }) => isAgent)) return [];
  if (first === undefined)
    return isYoung(service, now)
      ? []
      : [findingOf('healthPortClosed', service, node, { port, seen: `nobody listens on ${port}` })];
  // A container that shows no process of its own tells nothing of others either.
  if (!listeners.value.some(({ isAgent }) => isAgent)) return [inconclusive(nobodyNamed)];
  return [findingOf('healthPortTaken', service, node, { port, seen: `${first.address}:${port}` })];
}

const nobodyNamed = missing('absent', 'whose a port is was not read');

const outer: ReadonlySet<string> = new Set(['LoadBalancer', 'NodePort']);

/** An agent that does not know it serves it neither; which of them it is to know, the tables tell. */
function isTheirs(service: Service, { facts }: View): boolean {
  const states = valueOf(facts.frontendStates);
  return states === undefined || states.some((one) => one.service === serviceKey(service) && outer.has(one.type));
}

/** Agents before 1.20 try again and complain meanwhile, and what they complain of is told (agents-faultless). */
function saysItself({ facts }: View): boolean {
  const minor = ciliumMinor(valueOf(facts.status)?.version);
  return minor !== undefined && minor < 20 && isKnown(facts.moduleHealth);
}

/** The agent complains of it itself. */
const isToldBy = (port: number, { facts }: View): boolean =>
  (valueOf(facts.moduleHealth) ?? []).some(
    ({ level, message, error }) => level === 'Degraded' && `${message} ${error}`.includes(`:${port}:`),
  );

function findingOf(
  variant: 'healthPortTaken' | 'healthPortClosed',
  { metadata: { namespace = '', name } }: Service,
  node: View,
  { port, seen }: { readonly port: number; readonly seen: string },
): Finding<'KPR1011'> {
  return finding(
    kpr1011,
    variant,
    { port, service: `${namespace}/${name}` },
    {
      nodes: [node.name],
      objects: [{ kind: 'Service', namespace, name }],
      evidence: [node.evidence('listeners', seen)],
    },
  );
}
