import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import {
  forEachNode,
  type Inconclusive,
  inconclusive,
  notApplicable,
  type Outcome,
  passUnless,
} from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import type { PortRange } from '../../src/expect/agent/AgentSettings.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { serviceKey } from '../../src/expect/lb/readyBackends.ts';
import { isKnown } from '../../src/model/Fact.ts';
import type { Pod, Service } from '../../src/model/kubernetes.ts';
import { canonicalAddress, isLoopback } from '../../src/model/lb/address.ts';
import { listFirst } from '../../src/text/names.ts';
import { hostPortsOf } from './hostPortsOf.ts';
import { kpr5003 } from './problems/KPR5003.ts';

/**
 * The socket programs look at sockets of the host, too (cilium: bpf/bpf_sock.c): a connection to loopback goes to the
 * pod that has the hostPort (sock4_wildcard_lookup_full), and a port that is a NodePort may not be bound
 * (__sock4_post_bind).
 */
export const hostSocketsFree = defineCheck({
  id: 'host-sockets-free',
  title: 'Processes of nodes keep their ports beside hostPorts and NodePorts',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5003],
  requires: { cluster: ['pods', 'services'], node: ['status'] },
  optional: { node: ['listeners'] },
  uses: [agentConfigOnNode],
  run({ cluster, nodes, evidence }) {
    const byPort = nodePortsOf(cluster.services);
    const byNode = Map.groupBy(cluster.pods.filter(isThere), ({ spec }) => spec?.nodeName ?? '');
    return forEachNode(nodes, (node): Outcome<'KPR5003'> => {
      const { nodePort, socketLb } = node.facts.status.kpr ?? {};
      if (nodePort === undefined || socketLb !== true)
        return notApplicable('Cilium does not look at sockets of the host');
      const pods = byNode.get(node.name) ?? [];
      const range = { min: nodePort.portMin, max: nodePort.portMax };
      return passUnless([
        ...refusedBinds(node, clashes(pods, byPort), evidence),
        ...hiddenListeners(
          node,
          pods.flatMap((pod) => openedEverywhere(pod, range)),
        ),
      ]);
    });
  },
});

type View = NodeView<'status', 'listeners', never, typeof agentConfigOnNode>;
type Said = readonly (Finding<'KPR5003'> | Inconclusive)[];

function refusedBinds(
  { name, derived }: Pick<View, 'name' | 'derived'>,
  found: readonly Clash[],
  evidence: (name: 'services', excerpt: string) => Evidence,
): Said {
  if (found.length === 0) return [];
  const config = derived(agentConfigOnNode);
  if ('missing' in config) return [inconclusive(config, name)];
  if (!config.settings.bindProtection.value) return [];
  return found.map(({ pod, port, service }) => {
    const seen = [evidence('services', `${service}: nodePort ${port}`)];
    const about = { nodes: [name], objects: [refOf(pod)], evidence: seen };
    return finding(kpr5003, 'bindRefused', { pods: nameOf(pod), port, service }, about);
  });
}

function hiddenListeners(
  { name, facts, evidence }: Pick<View, 'name' | 'facts' | 'evidence'>,
  opened: readonly Opened[],
): Said {
  if (opened.length === 0) return [];
  const { listeners } = facts;
  if (!isKnown(listeners)) return [inconclusive(listeners, name)];
  return [...Map.groupBy(opened, ({ port }) => port)].flatMap(([port, some]) => {
    const hidden = listeners.value.find((one) => one.port === port && isOnLoopback(one.address));
    if (hidden === undefined) return [];
    const { address } = hidden;
    const pods = listFirst(
      some.map(({ pod }) => nameOf(pod)),
      3,
    );
    const objects = some.map(({ pod }) => refOf(pod));
    const about = { nodes: [name], objects, evidence: [evidence('listeners', `${address}:${port}`)] };
    return [finding(kpr5003, 'hidesLoopback', { pods, port, address }, about)];
  });
}

/** Its process runs, or is tried again. */
const isThere = ({ metadata, status }: Pod): boolean =>
  (metadata.deletionTimestamp ?? '') === '' && (status?.phase === 'Running' || status?.phase === 'Pending');

interface Opened {
  readonly pod: Pod;
  readonly port: number;
}

/** HostPorts of TCP at every address of the node: of other protocols listeners are not known. */
const openedEverywhere = (pod: Pod, { min, max }: PortRange): readonly Opened[] =>
  hostPortsOf(pod).flatMap(({ hostPort = 0, hostIP = '', protocol = 'TCP' }) =>
    protocol === 'TCP' && hostIP === '' && (hostPort < min || hostPort > max) ? [{ pod, port: hostPort }] : [],
  );

const isOnLoopback = (address: string): boolean => isLoopback(canonicalAddress(address) ?? address);

/** `30080/TCP` → `namespace/name` of the Service. */
const nodePortsOf = (services: readonly Service[]): ReadonlyMap<string, string> =>
  new Map(
    services.flatMap((service) =>
      (service.spec?.ports ?? []).flatMap(({ nodePort = 0, protocol = 'TCP' }) =>
        nodePort === 0 ? [] : [[`${nodePort}/${protocol}`, serviceKey(service)] as const],
      ),
    ),
  );

interface Clash {
  readonly pod: Pod;
  readonly port: number;
  /** `namespace/name` */
  readonly service: string;
}

/** Ports that pods on the host network say they listen on, and that are NodePorts. */
const clashes = (pods: readonly Pod[], byPort: ReadonlyMap<string, string>): readonly Clash[] =>
  pods.flatMap((pod) =>
    (pod.spec?.hostNetwork === true ? (pod.spec.containers ?? []) : [])
      .flatMap(({ ports }) => ports ?? [])
      .flatMap(({ containerPort: port, protocol = 'TCP' }) => {
        const service = byPort.get(`${port}/${protocol}`);
        return service === undefined ? [] : [{ pod, port, service }];
      }),
  );

const nameOf = ({ metadata }: Pod): string => `${metadata.namespace ?? ''}/${metadata.name}`;

const refOf = ({ metadata }: Pod): ObjectRef => ({
  kind: 'Pod',
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});
