import { defineCheck, type NodeView, skip, type Undecided, undecided } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { hasLeftovers } from '../../src/expect/kube-proxy/kubeProxyLeftovers.ts';
import { serviceIndex } from '../../src/expect/kube-proxy/serviceIndex.ts';
import {
  addressesOfNode,
  type StaleTranslation,
  staleTranslations,
} from '../../src/expect/kube-proxy/staleTranslations.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import type { NodeFacts } from '../../src/model/NodeFacts.ts';
import type { SecondReading } from '../../src/model/Snapshot.ts';
import type { UdpTranslation } from '../../src/model/UdpTranslation.ts';
import { count } from '../../src/text/plural.ts';
import { listed, serviceNames, serviceRefs } from './listed.ts';
import { withoutKubeProxy } from './withoutKubeProxy.ts';
import { kpr3008 } from './problems/KPR3008.ts';

export const staleConntrack = defineCheck({
  id: 'stale-conntrack',
  title: 'No UDP client is held to a backend that kube-proxy once chose and that is gone',
  area: 'kubeProxy',
  phases: ['doctor', 'verify'],
  raises: [kpr3008],
  needs: { cluster: ['services', 'endpointSlices', 'daemonSets', 'systemPods'] },
  wants: {
    cluster: ['nodes', 'ciliumConfig'],
    node: ['status', 'proxyHealth', 'conntrack', 'iptables', 'nftTables', 'nodeAddresses', 'interfaces'],
  },
  run({ snapshot, cluster, nodes }) {
    const scope = withoutKubeProxy(nodes, snapshot);
    if ('kind' in scope) return scope;
    // Many kernels do not show their connections, and no archive has them. Without any rule of kube-proxy there is
    // nothing to be suspicious of, either.
    const judged = scope.judged.filter(({ node }) => !isHidden(node) || isSuspect(node));
    if (judged.length === 0)
      return skip('no node’s connections (/proc/net/nf_conntrack) are to be seen, and no rules of kube-proxy are left');
    const services = serviceIndex(cluster.services, cluster.endpointSlices);
    const unknown: Undecided[] = [];
    const held: HeldClients[] = [];
    for (const { node, unclear } of judged) {
      const { conntrack } = node.snapshot.facts;
      if (!isKnown(conntrack)) {
        unknown.push(undecided(conntrack, node.name));
        continue;
      }
      const { left } = conntrack.value;
      const stale = staleTranslations(conntrack.value, addressesOfNode(node.snapshot, snapshot.facts), services);
      if (stale.length > 0 && unclear === undefined) held.push({ node, stale });
      else if (stale.length > 0 && unclear !== undefined) unknown.push(undecided(unclear, node.name));
      else if (left > 0)
        unknown.push(
          undecided(
            missing('notCollected', `${left} more translated UDP connections were not looked through`),
            node.name,
          ),
        );
    }
    return [...(held.length > 0 ? [findingOf(held, snapshot.secondReading)] : []), ...unknown];
  },
});

interface HeldClients {
  readonly node: NodeView<never>;
  readonly stale: readonly StaleTranslation[];
}

const isHidden = ({ snapshot: { facts } }: NodeView<never>): boolean =>
  !isKnown(facts.conntrack) && (facts.conntrack.missing === 'absent' || facts.conntrack.missing === 'notCollected');

const isSuspect = ({ snapshot: { facts } }: NodeView<never>): boolean =>
  (valueOf(facts.nftTables) ?? []).length > 0 ||
  (valueOf(facts.iptables) ?? []).some(({ tables }) => isKnown(tables) && hasLeftovers(tables.value));

function findingOf(held: readonly HeldClients[], second: SecondReading | undefined): Finding<'KPR3008'> {
  const stale = held.flatMap((one) => one.stale);
  const services = stale.map(({ service }) => service);
  const commands = [...new Set(stale.map(({ entry }) => deletion(entry)))];
  const clients = count(stale.length, 'UDP client');
  const used = held.map(({ node, stale: own }) => usedAmong(own, second?.nodes.get(node.name)?.conntrack));
  const sending = used.includes(undefined) ? undefined : used.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  return finding(
    kpr3008,
    'udp',
    {
      clients: sending === undefined ? clients : `${clients} (${sending} sending while looked at)`,
      services: listed(serviceNames(services)),
      backends: listed([...new Set(stale.map(({ entry }) => entry.backend.address))]),
      deletions: `${commands.slice(0, mostCommands).join('; ')}${commands.length > mostCommands ? '; …' : ''}`,
    },
    {
      nodes: held.map(({ node }) => node.name),
      objects: serviceRefs(services),
      evidence: held.slice(0, 3).map(({ node, stale: own }) =>
        node.evidence(
          'conntrack',
          own
            .slice(0, 5)
            .map(({ entry }) => lineOf(entry))
            .join('\n'),
        ),
      ),
    },
  );
}

const mostCommands = 5;

/**
 * An entry that nothing is sent through gets older; what is refreshed does not. undefined: there was no second look.
 */
function usedAmong(stale: readonly StaleTranslation[], again: NodeFacts['conntrack'] | undefined): number | undefined {
  const later = again && valueOf(again)?.entries;
  if (later === undefined) return undefined;
  const seconds = new Map(later.map((entry) => [keyOf(entry), entry.secondsLeft]));
  return stale.filter(({ entry }) => (seconds.get(keyOf(entry)) ?? -1) >= entry.secondsLeft).length;
}

const keyOf = ({ client, destination, backend }: UdpTranslation): string =>
  `${client} ${destination.address} ${destination.port} ${backend.address} ${backend.port}`;

/** Exactly these entries: clients of the same frontend that reach living backends keep theirs. */
const deletion = ({ destination, backend }: UdpTranslation): string =>
  `conntrack -D${destination.address.includes(':') ? ' -f ipv6' : ''} -p udp --orig-dst ${destination.address} --orig-port-dst ${destination.port} --dst-nat ${backend.address}`;

const lineOf = ({ client, destination, backend, replied, secondsLeft }: UdpTranslation): string =>
  `udp ${client} to ${destination.address} port ${destination.port}, sent to ${backend.address} port ${backend.port}, ${replied ? 'answered once' : 'never answered'}, ${secondsLeft} s left`;
