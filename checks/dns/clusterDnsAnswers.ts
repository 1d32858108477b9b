import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { forEachNode, type Inconclusive, inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { type ClusterDns, findClusterDns } from '../../src/expect/clusterDns.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { familiesOf } from '../../src/expect/agent/combinedSettings.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { isKnown, missing, valueOf } from '../../src/model/Fact.ts';
import type { DnsProbe } from '../../src/model/NodeFacts.ts';
import { canonicalAddress, type Family, familyOf, protocolOf } from '../../src/model/lb/address.ts';
import { frontendKey } from '../../src/model/lb/keys.ts';
import { dnsParams } from './dnsParams.ts';
import { judgeProbes, type ProbeVerdict } from './judgeProbes.ts';
import { kpr6002 } from './problems/KPR6002.ts';

export const clusterDnsAnswers = defineCheck({
  id: 'cluster-dns-answers',
  title: 'Cluster DNS is in the table of every node and answers through its ClusterIP',
  phases: ['doctor', 'verify'],
  raises: [kpr6002],
  requires: { cluster: ['services', 'endpointSlices'] },
  optional: { node: ['mapFrontends', 'dnsProbe'] },
  uses: [agentConfigOnNode, replacementOnNode],
  run({ cluster, nodes }) {
    const dns = findClusterDns(cluster.services, cluster.endpointSlices);
    if (dns === undefined) return notApplicable('there is no Service for cluster DNS (cluster-dns-ready)');
    if (dns.endpoints.length === 0)
      return notApplicable('cluster DNS has no ready server that could answer (cluster-dns-ready)');
    const protocols = new Set(
      (dns.service.spec?.ports ?? []).filter(({ port }) => port === 53).map(({ protocol }) => protocol ?? 'TCP'),
    );
    return forEachNode(nodes, (node) => {
      const addresses = servedAddresses(dns, node);
      const lost = missingInTable(node, dns, addresses);
      // A row that is not there explains why nobody answers through it.
      if (lost !== undefined) return lost;
      const open = notTold(dns, node);
      const probes = node.facts.dnsProbe;
      if (!isKnown(probes)) return passUnless([...open, inconclusive(probes)]);
      const asked = probes.value.filter(
        ({ via, server, protocol }) => protocols.has(protocol) && (via === 'endpoint' || addresses.includes(server)),
      );
      return passUnless([
        ...open,
        ...notProbed(addresses, protocols, asked),
        ...judgeProbes(asked).map((verdict) => findingOf(verdict, node, dns)),
      ]);
    });
  },
});

type View = NodeView<never, 'mapFrontends' | 'dnsProbe', never, typeof agentConfigOnNode | typeof replacementOnNode>;

/** IPv6 addresses of a Service are not frontends where IPv6 is off, and the other way round. */
function servedAddresses({ clusterIPs }: ClusterDns, { derived }: View): readonly string[] {
  const config = derived(agentConfigOnNode);
  const families = 'missing' in config ? surelyServed : familiesOf(config.settings);
  return clusterIPs.filter((ip) => families.has(familyOf(ip)));
}

/** Where the configuration is not known; hardly anybody switches IPv4 off. */
const surelyServed: ReadonlySet<Family> = new Set(['ipv4']);

/** Whether IPv6 addresses are frontends on a node whose configuration was not read. */
function notTold({ clusterIPs }: ClusterDns, { derived }: View): Inconclusive[] {
  const config = derived(agentConfigOnNode);
  const isOpen = 'missing' in config && clusterIPs.some((ip) => !surelyServed.has(familyOf(ip)));
  return isOpen ? [inconclusive(config)] : [];
}

/** Both protocols are asked of each address: of what is not among the answers nothing is known. */
function notProbed(
  addresses: readonly string[],
  protocols: ReadonlySet<string>,
  probes: readonly DnsProbe[],
): Inconclusive[] {
  const lacking = addresses.flatMap((address) =>
    [...protocols].flatMap((protocol) =>
      probes.some((one) => one.via === 'clusterIP' && one.server === address && one.protocol === protocol)
        ? []
        : [`${protocol} ${address}`],
    ),
  );
  return lacking.length === 0
    ? []
    : [inconclusive(missing('unparsed', `the probe of cluster DNS says nothing of ${lacking.join(', ')}`))];
}

function missingInTable(node: View, dns: ClusterDns, addresses: readonly string[]): Finding<'KPR6002'> | undefined {
  const table = valueOf(node.facts.mapFrontends);
  if (table === undefined || node.derived(replacementOnNode) !== 'on') return undefined;
  const ports = (dns.service.spec?.ports ?? []).filter(({ port }) => port === 53);
  const rows = addresses.flatMap((ip) =>
    ports.map(({ protocol }) => {
      const address = canonicalAddress(ip) ?? ip;
      const frontend = frontendKey(address, 53, protocolOf(protocol ?? 'TCP') ?? 'TCP', 'external');
      // Before Cilium 1.17 rows have no protocol.
      return { frontend, row: table.get(frontend) ?? table.get(frontendKey(address, 53, 'ANY', 'external')) };
    }),
  );
  const params = dnsParams(dns.service);
  const about = (excerpt: string) => ({
    nodes: [node.name],
    objects: [refOf(dns)],
    evidence: [node.evidence('mapFrontends', excerpt)],
  });
  const absent = rows.filter(({ row }) => row === undefined).map(({ frontend }) => frontend);
  if (absent.length > 0) {
    return finding(
      kpr6002,
      'notInTable',
      { frontends: absent.join(', '), ...params },
      about(`no ${absent.join(', ')}`),
    );
  }
  // With this policy a node without a server of its own has none to choose from.
  if (dns.service.spec?.internalTrafficPolicy === 'Local') return undefined;
  const empty = rows.filter(({ row }) => row?.selectable === 0).map(({ frontend }) => frontend);
  if (empty.length === 0) return undefined;
  const count = dns.endpoints.length;
  return finding(
    kpr6002,
    'noBackend',
    { frontends: empty.join(', '), count, ...params },
    about(empty.map((one) => `${one}: no selectable backend`).join(', ')),
  );
}

function findingOf(verdict: ProbeVerdict, node: View, dns: ClusterDns): Finding<'KPR6002'> {
  const params = dnsParams(dns.service);
  const seen = verdict.probes
    .map(
      ({ protocol, server, outcome, detail }) =>
        `${protocol} ${server}: ${outcome}${detail === '' ? '' : ` (${detail})`}`,
    )
    .join(', ');
  const about = { nodes: [node.name], objects: [refOf(dns)], evidence: [node.evidence('dnsProbe', seen)] };
  const { kind, server } = verdict;
  if (kind === 'oneServer') return finding(kpr6002, kind, { server, ...params }, about);
  const rcodes = [...new Set(verdict.probes.flatMap(({ rcode }) => rcode ?? []))].join(' and ');
  if (kind === 'oneAnswersBadly') return finding(kpr6002, kind, { server, rcodes, ...params }, about);
  if (kind === 'answersBadly') return finding(kpr6002, kind, { clusterIP: server, rcodes, ...params }, about);
  const protocols = verdict.protocols.join(' and ');
  // Without TCP only answers that are too long for a datagram are lost.
  const mild = kind === 'servers' && !verdict.protocols.includes('UDP');
  return finding(
    kpr6002,
    kind,
    { clusterIP: server, protocols, ...params },
    { ...about, ...(mild && { severity: 'warning' }) },
  );
}

const refOf = ({ service: { metadata } }: ClusterDns): ObjectRef => ({
  kind: 'Service',
  namespace: metadata.namespace ?? '',
  name: metadata.name,
});
