import type { Tally } from '../../changes/Changes.ts';
import { type Owner, ownerNames } from '../../knowledge/owners/Owner.ts';
import { listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import { visible } from '../../text/visible.ts';
import { glued } from '../../text/wrap.ts';
import { baseName, timeText } from '../renderHeader.ts';
import type { VerdictWords } from '../renderVerdict.ts';
import type {
  DiffDocument,
  KubeProxySummary,
  ReachReport,
  RuleChangeReport,
  ServicesSummary,
  ShareSummary,
  SideReport,
  StateReport,
  UnreadReport,
} from './DiffDocument.ts';

/*
 * What a diff says in words, for every format that people read.
 */

export interface SummaryLine {
  readonly label: string;
  readonly text: string;
  readonly paint?: 'error' | 'ok' | 'warning';
}

/** Whose rules changed, and what Services reach. */
export function summaryLines(document: DiffDocument, all: boolean): readonly SummaryLine[] {
  const { summary, nodes, unexpected, unknown } = document;
  const total = nodes.compared.length;
  // A dump that was not read may hold what is missed here.
  const isPartial = unknown.some(({ what, harmless }) => !harmless && what.endsWith('-save'));
  const asRead = isPartial ? ', as far as it was read' : '';
  const needed = unexpected.some(({ neededBy }) => neededBy.length > 0);
  const isTouched = unexpected.length + summary.others.changedOn.length > 0;
  const gone = [
    nodes.onlyBefore.length > 0 ? `only before: ${listNames(nodes.onlyBefore, all)}` : '',
    nodes.onlyAfter.length > 0 ? `only after: ${listNames(nodes.onlyAfter, all)}` : '',
  ].filter((text) => text !== '');
  return [
    { label: 'kube-proxy rules', text: kubeProxyText(summary.kubeProxy, total, all, asRead) },
    {
      label: 'others’ rules',
      text: `${shareText(summary.others, total, all)}${needed ? '; and chains of kube-proxy’s that others need changed' : ''}${asRead}`,
      paint: isTouched ? 'error' : total > 0 && !isPartial ? 'ok' : 'warning',
    },
    { label: 'Cilium rules', text: `${shareText(summary.cilium, total, all)}${asRead}` },
    { label: 'Services', text: servicesText(summary.services) },
    ...(gone.length === 0 ? [] : [{ label: 'nodes', text: gone.join('; ') }]),
  ];
}

/** For a page that is read later. */
export const sideText = (side: SideReport): string => `${sideName(side)} of ${timeText(side.takenAt)}`;

/** Its file without folders, or the cluster. */
export const sideName = ({ source, cluster }: SideReport): string =>
  source.kind === 'live' ? visible(cluster.context ?? 'the cluster') : baseName(source.file);

export function stateName({ kind, name }: StateReport): string {
  switch (kind) {
    case 'configuration':
      return `cilium-config ${name}`;
    case 'program':
      return `program at ${name}`;
    case 'kubeProxy':
    case 'kubernetes':
    case 'cilium':
    case 'agent':
      return name;
    default:
      return kind satisfies never;
  }
}

/** What it was and what it is. */
export const stateSides = (one: StateReport): { readonly before: string; readonly after: string } => ({
  before: one.before === null ? absence(one) : one.before || '""',
  after: one.after === null ? absence(one) : one.after || '""',
});

const absence = ({ kind }: StateReport): string =>
  kind === 'configuration' ? 'not set' : kind === 'kubernetes' || kind === 'cilium' ? 'not known' : 'none';

const amount = ({ rules, chains }: Pick<ShareSummary, 'rules' | 'chains'>, of: keyof Tally): string =>
  [count(rules[of], 'rule'), ...(chains[of] > 0 ? [count(chains[of], 'chain')] : [])].join(', ');

function kubeProxyText(share: KubeProxySummary, total: number, all: boolean, asRead: string): string {
  const { removedOn, addedOn, absentOn, remainingOn, changedOn, sharedLeft } = share;
  if (total === 0) return 'not compared';
  if (absentOn.length === total && changedOn.length === 0)
    return asRead === '' ? 'there was none, and there is none' : 'none in what was read both times';
  const parts: string[] = [];
  if (removedOn.length > 0) {
    const stays =
      sharedLeft > 0 && remainingOn.length === 0 ? `; ${count(sharedLeft, 'chain')} that others may use stayed` : '';
    parts.push(`gone on ${removedOn.length} of ${count(total, 'node')} (${amount(share, 'removed')}${stays})`);
  }
  if (addedOn.length > 0)
    parts.push(`added on ${addedOn.length} of ${count(total, 'node')} (${amount(share, 'added')})`);
  const changed = remainingOn.filter((node) => !addedOn.includes(node) && changedOn.includes(node));
  if (changed.length > 0) parts.push(`changed on ${listNames(changed, all)} (${changeText(share)})`);
  const unchanged = remainingOn.filter((node) => !changedOn.includes(node));
  if (unchanged.length > 0)
    parts.push(
      changedOn.length === 0 ? `unchanged (${amount(share, 'same')})` : `unchanged on ${listNames(unchanged, all)}`,
    );
  return `${parts.join('; ')}${asRead}`;
}

function shareText(share: ShareSummary, total: number, all: boolean): string {
  if (total === 0) return 'not compared';
  const { changedOn } = share;
  if (changedOn.length === 0) return `unchanged (${amount(share, 'same')})`;
  const where = changedOn.length === total && total > 3 ? `all ${count(total, 'node')}` : listNames(changedOn, all);
  return `changed on ${where} (${changeText(share)}; ${count(share.rules.same, 'rule')} unchanged)`;
}

/** `3 rules and 1 chain removed, 1 rule added`. */
function changeText({ rules, chains }: Pick<ShareSummary, 'rules' | 'chains'>): string {
  const words = [
    ['removed', 'removed'],
    ['added', 'added'],
    ['changed', 'moved'],
  ] as const;
  const parts = words.flatMap(([key, word]) => {
    const what = [
      rules[key] > 0 ? count(rules[key], 'rule') : '',
      chains[key] > 0 && key !== 'changed' ? count(chains[key], 'chain') : '',
    ].filter((text) => text !== '');
    return what.length === 0 ? [] : [`${what.join(' and ')} ${word}`];
  });
  return parts.length === 0 ? 'policies or sets' : parts.join(', ');
}

const datapathText = (kinds: readonly string[]): string =>
  kinds.map((kind) => (kind === 'ebpf' ? 'eBPF' : 'kube-proxy')).join(' and ');

function servicesText({ total, same, changed, removed, added, before, after, nodes }: ServicesSummary): string {
  if (nodes === 0) return 'not compared';
  const who = `${datapathText(before)} before, ${datapathText(after)} after`;
  const parts = [
    changed > 0 ? `${changed} reach other backends` : '',
    removed > 0 ? `${removed} removed` : '',
    added > 0 ? `${added} added` : '',
  ].filter((text) => text !== '');
  return `${same} of ${total} reach the same backends${parts.length === 0 ? '' : `, ${parts.join(', ')}`} (${who})`;
}

function ownerText(owner: Owner): string {
  if (owner === 'unknown') return 'it is not known who writes it';
  if (owner === 'builtIn') return 'the policy of a built-in chain';
  const about = withPods.has(owner) ? ', which also changes it with the pods that have host ports' : '';
  return `by ${ownerNames[owner]}${about}`;
}

const withPods: ReadonlySet<Owner> = new Set(['portmap', 'crio']);

const backendsText = (backends: readonly string[], most: number): string =>
  backends.length === 0
    ? 'nothing'
    : backends.length > most
      ? `${count(backends.length, 'backend')} (${backends.slice(0, 2).join(', ')}, …)`
      : backends.join(', ');

/** @param most backends that are named, not counted */
export function reachText(reach: ReachReport | null, most = 4): string {
  if (reach === null) return 'no such frontend';
  const { inside, outside, affinitySeconds } = reach;
  const affinity = affinitySeconds === null || affinitySeconds === 0 ? '' : `, affinity ${affinitySeconds} s`;
  if (inside !== null && outside !== null && inside.join() !== outside.join())
    return `${backendsText(inside, most)} from pods, ${backendsText(outside, most)} from outside${affinity}`;
  return `${backendsText(inside ?? outside ?? [], most)}${affinity}`;
}

const sideWords = { before: 'before', after: 'after', both: 'in either reading' } as const;

export const kindNames = { nftTable: 'nftables table', ipset: 'ipset', ipvs: 'IPVS server', link: 'link' } as const;

export const dumpText = ({ backend, family }: Pick<RuleChangeReport, 'backend' | 'family'>): string =>
  `${backend}, ${family}`;

/** `3 chains, 11 rules removed`. */
export function tallyText(chains: Tally, rules: Tally): string {
  return (['removed', 'added', 'changed'] as const)
    .flatMap((key) => {
      const what = [
        chains[key] > 0 ? count(chains[key], 'chain') : '',
        rules[key] > 0 ? count(rules[key], 'rule') : '',
      ].filter((text) => text !== '');
      return what.length === 0 ? [] : [`${what.join(', ')} ${key}`];
    })
    .join('; ');
}

/** Where a chain is, what became of it, and whose it is. */
export function ruleText(one: RuleChangeReport): string {
  const { backend, family, table, chain, owner, change, removed, added, moved, policy, neededBy } = one;
  const tally = { removed: removed.length, added: added.length, changed: moved.length, same: 0 };
  const changed = change === 'changed' ? changeText({ rules: tally, chains: none }) : `chain ${change}`;
  const what = policy === null ? changed : `policy ${policy.before} → ${policy.after}`;
  const why = neededBy.length > 0 ? `; ${listNames(neededBy)} jump${neededBy.length === 1 ? 's' : ''} there` : '';
  return `${glued(`${table} ${chain}`)} (${backend}, ${family}): ${what}; ${ownerText(owner)}${why}`;
}

const none: Tally = { removed: 0, added: 0, changed: 0, same: 0 };

export const unexpectedTitle = 'Changed, although removing kube-proxy is no reason for it';

export const marks = { removed: '-', added: '+', changed: '~' } as const;

/** What was not compared for the same reason on the same nodes, in one sentence each. */
export function unreadLines(
  unknown: readonly UnreadReport[],
  all: boolean,
): readonly { readonly harmless: boolean; readonly text: string }[] {
  const groups = Map.groupBy(unknown, ({ nodes, side, detail, harmless }) =>
    JSON.stringify([nodes, side, detail, harmless]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const what = listNames(
      group.map((one) => one.what),
      true,
    );
    const where = first.nodes.length === 0 ? 'the cluster' : listNames(first.nodes, all);
    return { harmless: first.harmless, text: `${where}: ${what}, not read ${sideWords[first.side]}: ${first.detail}` };
  });
}

/** The verdict in words, without its end. */
function diffReason({ verdict, unexpected, nodes }: DiffDocument): string {
  switch (verdict) {
    case 'same':
      return `the same on ${count(nodes.compared.length, 'node')}`;
    case 'different':
      return unexpected.length > 0 ? 'different, also what is not kube-proxy’s' : 'different';
    case 'unknown':
      return nodes.compared.length === 0
        ? 'no node could be compared'
        : 'nothing differs in what could be compared, but not everything could';
    case 'interrupted':
      return 'interrupted';
  }
}

/** kube-proxy and versions in full; of the others how many. */
function stateSentences(states: readonly StateReport[]): readonly string[] {
  const named = states.filter(({ kind }) => kind === 'kubeProxy' || kind === 'kubernetes' || kind === 'cilium');
  const countOf = (kind: StateReport['kind'], noun: string): readonly string[] => {
    const number = states.filter((one) => one.kind === kind).length;
    return number === 0 ? [] : [count(number, noun)];
  };
  return [
    ...named.map((one) => `${stateName(one)} ${stateSides(one).before} → ${stateSides(one).after}`),
    ...countOf('configuration', 'cilium-config key'),
    ...countOf('program', 'attached program'),
    ...countOf('agent', 'replaced agent'),
  ];
}

const verdictWords: Readonly<Record<DiffDocument['verdict'], string>> = {
  same: 'SAME',
  different: 'DIFFERENT',
  unknown: 'UNKNOWN',
  interrupted: 'INTERRUPTED',
};

/** A person who reads nothing else knows from it what changed. */
export function diffHeadline(document: DiffDocument): VerdictWords {
  const { verdict, states, services, unexpected, iptables } = document;
  const word = verdictWords[verdict];
  if (verdict !== 'different') return { word, text: diffReason(document) };
  const chains = iptables.length - unexpected.length;
  const parts = [
    ...(unexpected.length === 0 ? [] : [`${count(unexpected.length, 'chain')} that should not have changed`]),
    ...stateSentences(states),
    ...(services.length === 0 ? [] : [`${count(services.length, 'Service')} with other backends`]),
    ...(chains <= 0 ? [] : [`${count(chains, 'chain')} of kube-proxy or Cilium`]),
  ];
  return { word, text: parts.length === 0 ? 'objects of nodes' : parts.join('; ') };
}
