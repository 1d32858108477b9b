import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { kubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { nodePortKey, type ServicesByFrontend, servicesByFrontend } from '../../src/expect/lb/servicesByFrontend.ts';
import { isKnown } from '../../src/model/Fact.ts';
import type { Protocol } from '../../src/model/lb/address.ts';
import { frontendKey } from '../../src/model/lb/keys.ts';
import type { UdpEnd, UdpTranslations } from '../../src/model/UdpTranslation.ts';
import { listFirst } from '../../src/text/names.ts';
import { count } from '../../src/text/plural.ts';
import { kpr8002 } from './problems/KPR8002.ts';

/**
 * What kube-proxy has translated, netfilter's connection tracking holds and Cilium does not know: such a connection may
 * end when Cilium takes over. Where the kernel shows no connections, nobody can count them.
 */
export const connectionsAtRisk = defineCheck({
  id: 'connections-at-risk',
  title: 'No connection is open that kube-proxy translates',
  phases: ['preflight'],
  raises: [kpr8002],
  requires: { cluster: ['services'] },
  optional: { node: ['conntrack'] },
  uses: [kubeProxyPresence],
  run({ frame, cluster, nodes }) {
    const change = frame.intent?.change;
    if (change !== 'enable' && change !== 'remove-kube-proxy')
      return notApplicable('connections stay with what translates them');
    const served = nodes.filter((node) => node.derived(kubeProxyPresence).kind === 'runs');
    const shown = served.filter(({ facts: { conntrack } }) => isKnown(conntrack) || conntrack.missing !== 'absent');
    if (shown.length === 0) return notApplicable('kube-proxy runs where connections are to be seen on no node');
    const byFrontend = servicesByFrontend(cluster.services);
    const seen = shown.flatMap(({ name, facts: { conntrack } }) =>
      isKnown(conntrack) ? { name, open: openTo(conntrack.value, byFrontend) } : [],
    );
    const open = seen.flatMap((one) => one.open);
    const unread = shown.flatMap(({ name, facts: { conntrack } }) =>
      isKnown(conntrack) ? [] : [inconclusive(conntrack, name)],
    );
    if (open.length === 0) return passUnless(unread);
    const on = seen.filter((one) => one.open.length > 0).map(({ name }) => name);
    const params = {
      tcp: count(sum(open, 'TCP'), 'TCP connection'),
      udp: count(sum(open, 'UDP'), 'UDP flow'),
      services: listFirst(perService(open), 5),
    };
    return passUnless([finding(kpr8002, 'open', params, { nodes: on }), ...unread]);
  },
});

interface Open {
  readonly service: string;
  readonly protocol: Protocol;
  readonly connections: number;
}

function openTo({ entries, tcp }: UdpTranslations, byFrontend: ServicesByFrontend): readonly Open[] {
  const all = [
    ...entries.map(({ destination }) => ({ destination, protocol: 'UDP' as const, connections: 1 })),
    ...(tcp?.byDestination ?? []).map(({ destination, connections }) => ({
      destination,
      protocol: 'TCP' as const,
      connections,
    })),
  ];
  return all.flatMap(({ destination, protocol, connections }) => {
    const service = serviceAt(destination, protocol, byFrontend);
    return service === undefined ? [] : [{ service, protocol, connections }];
  });
}

/** By its address, or by its NodePort at whichever address: what else listens there, nobody translates. */
function serviceAt({ address, port }: UdpEnd, protocol: Protocol, byFrontend: ServicesByFrontend): string | undefined {
  const served =
    byFrontend.get(frontendKey(address, port, protocol, 'external')) ?? byFrontend.get(nodePortKey(port, protocol));
  return served && `${served.service.metadata.namespace}/${served.service.metadata.name}`;
}

const sum = (open: readonly Open[], protocol: Protocol): number =>
  open.filter((one) => one.protocol === protocol).reduce((all, { connections }) => all + connections, 0);

/** `shop/cart (12)`, the most first. */
const perService = (open: readonly Open[]): readonly string[] =>
  [...Map.groupBy(open, ({ service }) => service)]
    .map(([service, own]) => ({ service, all: own.reduce((all, { connections }) => all + connections, 0) }))
    .toSorted((one, other) => other.all - one.all || one.service.localeCompare(other.service))
    .map(({ service, all }) => `${service} (${all})`);
