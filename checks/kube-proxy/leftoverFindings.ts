import type { NodeView } from '../../src/core/Check.ts';
import { type Evidence, type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import type { Leftovers } from '../../src/expect/kubeProxyLeftovers.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import type { IptablesDump } from '../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { proxyVersion } from './proxyVersion.ts';

export interface LeftoverDump extends IptablesDump {
  readonly found: Leftovers;
}

export interface NodeLeftovers {
  readonly node: NodeView<'iptables'>;
  readonly dumps: readonly LeftoverDump[];
}

type Kind = 'refusing' | 'stale' | 'live' | 'unlinked';

/** One finding for each way in which rules are wrong, with all nodes of that way. */
export function leftoverFindings(leftovers: readonly NodeLeftovers[], snapshot: Snapshot): Finding[] {
  const byKind = Map.groupBy(leftovers, kindOf);
  const kinds: readonly Kind[] = ['refusing', 'stale', 'live', 'unlinked'];
  return kinds.flatMap((kind) => {
    const some = byKind.get(kind);
    return some === undefined ? [] : [findingOf(kind, some, snapshot)];
  });
}

function kindOf({ dumps }: NodeLeftovers): Kind {
  if (dumps.some(({ found }) => found.refusals.length > 0)) return 'refusing';
  if (dumps.some(({ found }) => found.staleTargets.length > 0)) return 'stale';
  return dumps.some(({ found }) => found.linked) ? 'live' : 'unlinked';
}

function findingOf(kind: Kind, some: readonly NodeLeftovers[], snapshot: Snapshot): Finding {
  const dumps = some.flatMap((one) => one.dumps);
  const services = new Map<string, Service>();
  for (const { service } of dumps.flatMap(({ found }) => found.refusals)) {
    services.set(`${service.metadata.namespace}/${service.metadata.name}`, service);
  }
  const names = [...services.keys()].sort();
  const params = {
    where: whereOf(dumps),
    rules: countOf(some),
    saveCommands: [
      ...new Set(
        dumps.map(({ backend, family }) => `${family === 'ipv6' ? 'ip6tables' : 'iptables'}-${backend}-save -c`),
      ),
    ].join('; '),
    proxyVersion: proxyVersion(snapshot),
  };
  const about = {
    nodes: some.map(({ node }) => node.name),
    objects: [...services.values()].map(({ metadata }): ObjectRef => ({
      kind: 'Service',
      namespace: metadata.namespace ?? '',
      name: metadata.name,
    })),
    evidence: some.slice(0, 3).flatMap(({ node, dumps: own }) => own.map((dump) => evidenceOf(node, dump))),
  };
  switch (kind) {
    case 'refusing': {
      const shown =
        names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
      return finding('KPR3003', kind, { ...params, services: shown, have: names.length === 1 ? 'has' : 'have' }, about);
    }
    case 'stale':
      return finding(
        'KPR3003',
        kind,
        { ...params, target: dumps.flatMap(({ found }) => found.staleTargets)[0] ?? '' },
        about,
      );
    case 'live':
    case 'unlinked':
      return finding('KPR3003', kind, params, about);
    default:
      return kind satisfies never;
  }
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
  const counts = some.map(({ dumps }) => dumps.reduce((sum, { found }) => sum + found.rules.length, 0));
  const least = Math.min(...counts);
  const most = Math.max(...counts);
  if (least !== most) return `${least} to ${most} rules each`;
  return `${most} ${most === 1 ? 'rule' : 'rules'}${counts.length > 1 ? ' each' : ''}`;
}

function evidenceOf(node: NodeView<'iptables'>, { backend, family, found }: LeftoverDump): Evidence {
  const { chains, rules, staleChains, staleTargets, refusals } = found;
  const summary = [
    `${backend} ${familyNames[family]}: ${chains} chains, ${rules.length} rules`,
    ...(staleChains.length > 0 ? [`${staleChains.length} of Services that are gone`] : []),
    ...(staleTargets.length > 0 ? [`${staleTargets.length} targets that are gone`] : []),
  ].join(', ');
  const stale = rules.filter(({ line }) => staleTargets.some((target) => line.includes(`--to-destination ${target}`)));
  const telling = refusals.length > 0 ? refusals.map(({ rule }) => rule) : stale.length > 0 ? stale : rules;
  return node.evidence('iptables', [summary, ...telling.slice(0, 2).map(({ line }) => line)].join('\n'));
}
