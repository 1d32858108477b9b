import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { type Inconclusive, inconclusive, notApplicable, pass, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { hostPort } from '../../src/expect/api-server/apiEndpoint.ts';
import { type ApiServerPlace, serversIn } from '../../src/expect/api-server/apiServerAddresses.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import { canonicalAddress } from '../../src/model/lb/address.ts';
import type { ServerProbe } from '../../src/model/NodeFacts.ts';
import type { Distribution } from '../../src/model/Snapshot.ts';
import { kpr2006 } from './problems/KPR2006.ts';

/**
 * Every API server enters itself into the slice of default/kubernetes (kubernetes: pkg/controlplane/reconcilers), and
 * one that ended badly may stay. Connections from nodes tell; else what is known of the servers’ addresses.
 */
export const kubernetesSliceCurrent = defineCheck({
  id: 'kubernetes-slice-current',
  title: 'Every API server that the Service default/kubernetes lists takes connections',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr2006],
  requires: { cluster: ['endpointSlices', 'nodes'] },
  optional: { node: ['serversProbe', 'apiProbe', 'interfaces'] },
  run({ cluster, nodes, frame, evidence }) {
    const servers = serversIn(cluster.endpointSlices);
    if (servers.length === 0) return notApplicable('no EndpointSlice of default/kubernetes lists an API server');
    const probes = nodes.flatMap((node) => (isKnown(node.facts.serversProbe) ? [node] : []));
    if (probes.length > 0) return passUnless(deadAmong(servers, nodes));
    const own = nodeAddresses(cluster.nodes, nodes);
    const reached = new Set(nodes.flatMap(({ facts }) => reachedBy(facts)).map(canonical));
    const strange = servers.filter(({ address }) => !own.has(canonical(address)) && !reached.has(canonical(address)));
    // The only one there is answers, or nothing of this could be read.
    if (strange.length === 0 || servers.length === 1) return pass;
    if (managed.has(frame.distribution))
      return notApplicable('the API servers are the provider’s, and none was dialled');
    if (strange.length === servers.length) return passUnless(unseen(nodes));
    const isOnNodes = servers.some(({ address }) => own.has(canonical(address)));
    const others = servers.filter((one) => !strange.includes(one));
    return passUnless([
      finding(kpr2006, isOnNodes ? 'stray' : 'unconfirmed', paramsOf(strange, others), {
        objects: [slice],
        evidence: [evidence('endpointSlices', `default/kubernetes: ${servers.map(shown).join(', ')}`)],
      }),
    ]);
  },
});

type View = NodeView<never, 'serversProbe' | 'apiProbe' | 'interfaces'>;

/** Their servers are not the user’s, and the addresses of one may be many. */
const managed: ReadonlySet<Distribution> = new Set(['eks', 'aks', 'gke']);

const slice = { kind: 'EndpointSlice', namespace: 'default', name: 'kubernetes' };

const canonical = (address: string): string => canonicalAddress(address) ?? address;
const shown = ({ address, port }: Pick<ApiServerPlace, 'address' | 'port'>): string => hostPort(address, String(port));

const paramsOf = (strange: readonly ApiServerPlace[], others: readonly ApiServerPlace[]) => ({
  addresses: strange.map(shown).join(', '),
  others: others.map(shown).join(', '),
});

/** Servers that no node reaches; one that some nodes reach lives, and their way to it is another matter. */
function deadAmong(servers: readonly ApiServerPlace[], nodes: readonly View[]): (Finding<'KPR2006'> | Inconclusive)[] {
  const seen = nodes.flatMap((node) => (valueOf(node.facts.serversProbe) ?? []).map((probe) => ({ node, probe })));
  const ofServer = (one: ApiServerPlace) =>
    seen.filter(({ probe }) => probe.via === 'server' && shown(probe) === shown(one));
  const dead = servers.filter((one) => {
    const tries = ofServer(one);
    return tries.length > 0 && tries.every(({ probe }) => probe.connect !== 'open');
  });
  // Where none is reached, the nodes have no way to the API server at all: api-endpoint-answers tells of that.
  if (dead.length === 0 || dead.length === servers.length) return [];
  const others = servers.filter((one) => !dead.includes(one));
  return dead.map((one) => {
    const tries = ofServer(one);
    return finding(
      kpr2006,
      'dead',
      { ...paramsOf([one], others), how: [...new Set(tries.map(({ probe }) => howOf(probe)))].join(', ') },
      {
        objects: [slice],
        evidence: tries
          .slice(0, 3)
          .map(({ node, probe }) =>
            node.evidence('serversProbe', { lines: [`${shown(probe)}: ${howOf(probe)}`], at: probe }),
          ),
      },
    );
  });
}

const howOf = ({ connect, detail }: ServerProbe): string =>
  detail === '' || connect === 'refused' ? connect : `${connect}: ${detail}`;

/** What says of an address that a server is there: an agent that reached it, or a node that has it. */
const reachedBy = ({ apiProbe }: View['facts']): readonly string[] =>
  isKnown(apiProbe) && apiProbe.value.connect === 'open' ? apiProbe.value.resolved : [];

function nodeAddresses(
  all: readonly { readonly status?: { readonly addresses?: readonly { readonly address: string }[] } }[],
  nodes: readonly View[],
): ReadonlySet<string> {
  const told = all.flatMap(({ status }) => (status?.addresses ?? []).map(({ address }) => address));
  const held = nodes.flatMap(({ facts }) => (valueOf(facts.interfaces) ?? []).flatMap(({ addresses }) => addresses));
  return new Set([...told, ...held].map(canonical));
}

/** Nobody dialled, and the addresses alone do not tell. */
const unseen = (nodes: readonly View[]): Inconclusive[] =>
  nodes.slice(0, 1).flatMap(({ facts }) => (isKnown(facts.serversProbe) ? [] : [inconclusive(facts.serversProbe)]));
