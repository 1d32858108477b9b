import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import {
  forEachNode,
  inconclusive,
  notApplicable,
  type Objection,
  type Outcome,
  passUnless,
} from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { serviceKey } from '../../src/expect/lb/readyBackends.ts';
import { healthCheckPort } from '../../src/expect/served/healthCheckPort.ts';
import { ciliumMinor } from '../../src/knowledge/ciliumVersion.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import { kpr1011 } from '../agents/problems/KPR1011.ts';

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
  raises: [kpr1011],
  requires: { cluster: ['services'] },
  optional: { node: ['listeners', 'moduleHealth', 'frontendStates', 'status'] },
  uses: [agentConfigOnNode, replacementOnNode],
  run({ cluster, nodes, frame: { takenAt } }) {
    const now = Date.parse(takenAt);
    const asked = cluster.services.filter((service) => healthCheckPort(service) !== 0);
    if (asked.length === 0) return notApplicable('no Service has a port for the health checks of its load balancer');
    return forEachNode(nodes, (node): Outcome<'KPR1011'> => {
      if (node.derived(replacementOnNode) === 'off') return notApplicable('kube-proxy replacement is off');
      const config = node.derived(agentConfigOnNode);
      if ('missing' in config) return inconclusive(config);
      if (!config.settings.healthCheckNodePort.value) return notApplicable('enable-health-check-nodeport is off');
      return passUnless(asked.flatMap((service) => judged(service, node, now)));
    });
  },
});

type View = NodeView<never, 'listeners' | 'moduleHealth' | 'frontendStates' | 'status'>;

const isYoung = ({ metadata }: Service, now: number): boolean =>
  now - Date.parse(metadata.creationTimestamp ?? '') < patienceMs;

function judged(service: Service, node: View, now: number): readonly Objection<'KPR1011'>[] {
  const port = healthCheckPort(service);
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
