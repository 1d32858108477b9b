import { familyOf } from '../../src/model/lb/address.ts';
import type { DnsProbe } from '../../src/model/NodeFacts.ts';

export interface ProbeVerdict {
  /**
   * Who loses the query: the node's datapath, the servers or the way to them, not known, or one server of several.
   * `answersBadly` and `oneAnswersBadly`: nobody loses it, but servers (one server) answer with an error. `allRefuse`
   * and `oneRefuses`: nobody listens there. `notAllAsked`: it may have met a server that was not asked directly.
   */
  readonly kind:
    | 'datapath'
    | 'servers'
    | 'clusterIP'
    | 'oneServer'
    | 'answersBadly'
    | 'oneAnswersBadly'
    | 'allRefuse'
    | 'oneRefuses'
    | 'notAllAsked';
  /** The ClusterIP; with `oneServer`, `oneAnswersBadly` and `oneRefuses` that server. */
  readonly server: string;
  readonly protocols: readonly DnsProbe['protocol'][];
  /** The probes that tell. */
  readonly probes: readonly DnsProbe[];
}

/**
 * What the probes of one node say: nothing, where every ClusterIP answered and every server was reached.
 * @param servers all that are ready behind the ClusterIPs, asked directly or not
 */
export function judgeProbes(probes: readonly DnsProbe[], servers: readonly string[]): readonly ProbeVerdict[] {
  const endpoints = probes.filter(({ via }) => via === 'endpoint');
  const verdicts = new Map<string, ProbeVerdict>();
  for (const probe of probes) {
    if (probe.via !== 'clusterIP' || probe.outcome === 'answered') continue;
    // The other family's servers say nothing about this one.
    const sameFamily = endpoints.filter(({ server }) => server.includes(':') === probe.server.includes(':'));
    const direct = sameFamily.filter(({ protocol }) => protocol === probe.protocol);
    const answered = direct.filter(({ outcome }) => outcome === 'answered').length;
    // Whoever was chosen behind the ClusterIP may have been the one that is lost: the node's datapath is not to blame.
    if (answered > 0 && answered < direct.length && lostServers(sameFamily).length > 0) continue;
    const kind = kindOf(probe, direct, sameFamily, servers);
    const key = `${kind} ${probe.server}`;
    const known = verdicts.get(key);
    verdicts.set(key, {
      kind,
      server: probe.server,
      // In one order on every node, so that what is the same is one finding.
      protocols: [...(known?.protocols ?? []), probe.protocol].toSorted().toReversed(),
      probes: [...(known?.probes ?? []), probe, ...direct],
    });
  }
  return verdicts.size > 0 ? [...verdicts.values()] : lostServers(endpoints);
}

/** @param direct of the same protocol, as far as they were asked; `all`: of both */
function kindOf(
  probe: DnsProbe,
  direct: readonly DnsProbe[],
  all: readonly DnsProbe[],
  servers: readonly string[],
): ProbeVerdict['kind'] {
  if (probe.rcode !== undefined) return 'answersBadly';
  if (direct.length === 0) return 'clusterIP';
  if (all.every(isRefused)) return 'allRefuse';
  if (!direct.every(({ outcome }) => outcome === 'answered')) return 'servers';
  const asked = new Set(direct.map(({ server }) => server));
  const family = familyOf(probe.server);
  return servers.some((one) => familyOf(one) === family && !asked.has(one)) ? 'notAllAsked' : 'datapath';
}

const isRefused = ({ outcome }: DnsProbe): boolean => outcome === 'refused';

/** One datagram may get lost; a server that answers over neither protocol is out of reach. */
function lostServers(endpoints: readonly DnsProbe[]): readonly ProbeVerdict[] {
  return [...Map.groupBy(endpoints, ({ server }) => server)].flatMap(([server, probes]): ProbeVerdict[] => {
    const protocols = [...new Set(probes.map(({ protocol }) => protocol))];
    const lost = protocols.length === 2 && probes.every(({ outcome }) => outcome !== 'answered');
    const kind = probes.some(({ rcode }) => rcode !== undefined)
      ? 'oneAnswersBadly'
      : probes.every(isRefused)
        ? 'oneRefuses'
        : 'oneServer';
    return lost ? [{ kind, server, protocols, probes }] : [];
  });
}
