import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { kubeProxyGone } from '../../src/expect/kube-proxy/kubeProxyGone.ts';
import { rulesLeft } from '../../src/expect/kube-proxy/rulesLeft.ts';
import { staleClients, type StaleTranslation } from '../../src/expect/kube-proxy/staleTranslations.ts';
import { isKnown, type Missing, missing, valueOf } from '../../src/model/Fact.ts';
import type { NodeFacts } from '../../src/model/NodeFacts.ts';
import type { UdpTranslation } from '../../src/model/UdpTranslation.ts';
import { count } from '../../src/text/plural.ts';
import { listed, serviceNames, serviceRefs } from './listed.ts';
import { withoutKubeProxy } from './withoutKubeProxy.ts';
import { kpr3008 } from './problems/KPR3008.ts';

export const staleConntrack = defineCheck({
  id: 'stale-conntrack',
  title: 'No UDP client is held to a backend that kube-proxy once chose and that is gone',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr3008],
  requires: { cluster: ['services', 'endpointSlices', 'daemonSets', 'systemPods'] },
  optional: { node: ['conntrack', 'nftTables'] },
  reread: { node: ['conntrack'] },
  uses: [kubeProxyGone, rulesLeft, staleClients],
  run({ nodes }) {
    const scope = withoutKubeProxy(nodes);
    if ('kind' in scope) return scope;
    // Many kernels do not show their connections, and no archive has them. Without any rule of kube-proxy there is
    // nothing to be suspicious of, either.
    const judged = scope.filter(({ node }) => !isHidden(node) || isSuspect(node));
    if (judged.length === 0) {
      return notApplicable(
        'no node’s connections (/proc/net/nf_conntrack) are to be seen, and no rules of kube-proxy are left',
      );
    }
    const held = judged.flatMap(({ node, unclear }) => {
      const stale = node.derived(staleClients);
      return 'length' in stale && stale.length > 0 && unclear === undefined ? [{ node, stale }] : [];
    });
    return passUnless([
      ...(held.length > 0 ? [findingOf(held)] : []),
      ...judged.flatMap(({ node, unclear }) => {
        const why = openQuestion(node, unclear);
        return why === undefined ? [] : [inconclusive(why, node.name)];
      }),
    ]);
  },
});

type View = NodeView<
  never,
  'conntrack' | 'nftTables',
  'conntrack',
  typeof kubeProxyGone | typeof rulesLeft | typeof staleClients
>;

interface HeldClients {
  readonly node: View;
  readonly stale: readonly StaleTranslation[];
}

const isHidden = ({ facts: { conntrack } }: View): boolean =>
  !isKnown(conntrack) && (conntrack.missing === 'absent' || conntrack.missing === 'notCollected');

const isSuspect = ({ facts, derived }: View): boolean =>
  (valueOf(facts.nftTables) ?? []).length > 0 || derived(rulesLeft);

/** Why a node is neither found to be wrong nor known to be right. */
function openQuestion({ facts, derived }: View, unclear: Missing | undefined): Missing | undefined {
  const { conntrack } = facts;
  if (!isKnown(conntrack)) return conntrack;
  const stale = derived(staleClients);
  if (!('length' in stale)) return stale;
  if (stale.length > 0) return unclear;
  const { left } = conntrack.value;
  return left > 0
    ? missing('notCollected', `${left} more translated UDP connections were not looked through`)
    : undefined;
}

function findingOf(held: readonly HeldClients[]): Finding<'KPR3008'> {
  const stale = held.flatMap((one) => one.stale);
  const services = stale.map(({ service }) => service);
  const commands = [...new Set(stale.map(({ entry }) => deletion(entry)))];
  const clients = count(stale.length, 'UDP client');
  const used = held.map(({ node, stale: own }) => usedAmong(own, node.secondReading?.conntrack));
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
