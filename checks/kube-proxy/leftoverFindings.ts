import { isKnown } from '../../src/model/Fact.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import type { NodeView } from '../../src/core/View.ts';
import type { RuleImpact } from '../../src/expect/kube-proxy/impactOfRule.ts';
import type { Leftovers } from '../../src/expect/kube-proxy/kubeProxyLeftovers.ts';
import type { MovedRule } from '../../src/expect/kube-proxy/movedRules.ts';
import type { IptablesDump } from '../../src/model/NodeFacts.ts';
import { count, plural } from '../../src/text/plural.ts';
import { listed, serviceNames, serviceRefs } from './listed.ts';
import { kpr3003 } from './problems/KPR3003.ts';

export interface LeftoverDump extends IptablesDump {
  readonly found: Leftovers;
  /** Rules that decided about packets between two looks; undefined: there was no second one. */
  readonly moved: readonly MovedRule[] | undefined;
}

export interface NodeLeftovers {
  readonly node: NodeView<'iptables'>;
  readonly dumps: readonly LeftoverDump[];
}

type Kind = 'refusing' | 'diverting' | 'stale' | 'live';

/**
 * One finding for each way in which rules are wrong, with all nodes of that way.
 * @param proxyVersion tag of the image whose `--cleanup` takes them away
 */
export function leftoverFindings(leftovers: readonly NodeLeftovers[], proxyVersion: string): Finding<'KPR3003'>[] {
  const byKind = Map.groupBy(leftovers, kindOf);
  const kinds: readonly Kind[] = ['refusing', 'diverting', 'stale', 'live'];
  return kinds.flatMap((kind) => {
    const some = byKind.get(kind);
    return some === undefined ? [] : [findingOf(kind, some, proxyVersion)];
  });
}

function kindOf({ dumps }: NodeLeftovers): Kind {
  const impacts = dumps.flatMap(({ found }) => found.impacts);
  if (impacts.some(({ kind }) => kind === 'refused')) return 'refusing';
  if (impacts.length > 0) return 'diverting';
  return dumps.some(({ found }) => found.staleTargets > 0) ? 'stale' : 'live';
}

function findingOf(kind: Kind, some: readonly NodeLeftovers[], proxyVersion: string): Finding<'KPR3003'> {
  const dumps = some.flatMap((one) => one.dumps);
  const wanted = kind === 'refusing' ? 'refused' : 'diverted';
  const impacts = dumps.flatMap(({ found }) => found.impacts).filter((harm) => harm.kind === wanted);
  const services = impacts.flatMap((harm) => (harm.victim === 'service' ? [harm.service] : []));
  const params = {
    where: whereOf(dumps),
    rules: countOf(some),
    use: useOf(dumps),
    saveCommands: [
      ...new Set(
        dumps.map(({ backend, family }) => `${family === 'ipv6' ? 'ip6tables' : 'iptables'}-${backend}-save -c`),
      ),
    ].join('; '),
    proxyVersion,
  };
  const about = {
    nodes: some.map(({ node }) => node.name),
    objects: serviceRefs(services),
    evidence: some.slice(0, 3).flatMap(({ node, dumps: own }) => own.map((dump) => evidenceOf(node, dump))),
  };
  switch (kind) {
    case 'refusing':
      return finding(kpr3003, kind, { ...params, victims: victimsOf(impacts, 'which {have} ready backends') }, about);
    case 'diverting':
      return finding(
        kpr3003,
        kind,
        { ...params, victims: victimsOf(impacts, 'which {have} these addresses now') },
        about,
      );
    case 'stale':
      return finding(
        kpr3003,
        kind,
        { ...params, target: dumps.flatMap(({ found }) => found.staleTarget ?? [])[0] ?? '' },
        about,
      );
    case 'live':
      return finding(kpr3003, kind, params, about);
    default:
      return kind satisfies never;
  }
}

/** e.g. `shop/cart, which has ready backends, and to port 30080, on which a process of the node listens` */
function victimsOf(impacts: readonly RuleImpact[], why: string): string {
  const services = serviceNames(impacts.flatMap((harm) => (harm.victim === 'service' ? [harm.service] : [])));
  const ports = [...new Set(impacts.flatMap((harm) => (harm.victim === 'listener' ? [String(harm.port)] : [])))];
  return [
    ...(services.length === 0
      ? []
      : [`${listed(services)}, ${why.replace('{have}', services.length === 1 ? 'has' : 'have')}`]),
    ...(ports.length === 0
      ? []
      : [`${plural(ports.length, 'port')} ${listed(ports)}, where a process of the node listens`]),
  ].join(', and to ');
}

/** Whether packets meet them, as far as two looks tell: `, in use`. */
function useOf(dumps: readonly LeftoverDump[]): string {
  if (dumps.some(({ moved }) => moved !== undefined && moved.length > 0)) return ', in use';
  return dumps.every(({ moved }) => moved !== undefined) ? ', idle while looked at' : '';
}

const familyNames = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/** e.g. `nft IPv4 and IPv6, legacy IPv4` */
function whereOf(dumps: readonly LeftoverDump[]): string {
  return (['nft', 'legacy'] as const)
    .flatMap((backend) => {
      const families = (['ipv4', 'ipv6'] as const).filter((family) =>
        dumps.some((dump) => dump.backend === backend && dump.family === family),
      );
      return families.length === 0 ? [] : `${backend} ${families.map((family) => familyNames[family]).join(' and ')}`;
    })
    .join(', ');
}

/** e.g. `131 rules`, or `131 to 140 rules each` of several nodes. */
function countOf(some: readonly NodeLeftovers[]): string {
  const counts = some.map(({ dumps }) => dumps.reduce((sum, { found }) => sum + found.rules, 0));
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  if (least !== most) return `${least} to ${most} rules each`;
  return `${count(most, 'rule')}${counts.length > 1 ? ' each' : ''}`;
}

function evidenceOf(node: NodeView<'iptables'>, { backend, family, tables, found, moved }: LeftoverDump): Evidence {
  const { chains, rules, firstRules, staleRules, staleChains, staleTargets, impacts } = found;
  const packets = (moved ?? []).reduce((sum, one) => sum + one.packets, 0);
  const summary = [
    `${backend} ${familyNames[family]}: ${chains} chains, ${rules} rules`,
    ...(staleChains > 0 ? [`${staleChains} of Services that are gone`] : []),
    ...(staleTargets > 0 ? [`${staleTargets} targets that are gone`] : []),
    ...(packets > 0 ? [`${packets} packets met them within seconds`] : []),
  ].join(', ');
  const worst = impacts.toSorted((a, b) => Number(a.kind === 'diverted') - Number(b.kind === 'diverted'));
  const telling = impacts.length > 0 ? worst.map(({ rule }) => rule) : staleRules.length > 0 ? staleRules : firstRules;
  const shown = [...(moved ?? []).slice(0, 1).map(({ rule }) => rule), ...telling.slice(0, 2)];
  const lines = [summary, ...new Set(shown.map(({ line }) => line))];
  return node.evidence('iptables', {
    lines,
    decides: lines.indexOf(telling[0]?.line ?? summary),
    ...(isKnown(tables) ? { command: tables.source } : {}),
  });
}
