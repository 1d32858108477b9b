import { hasChanged, ownerGroupOf, type Tally } from '../../changes/Changes.ts';
import { type Owner, ownerNames } from '../../knowledge/owners/Owner.ts';
import { listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import type { Verbosity } from '../../text/Style.ts';
import { glued } from '../../text/wrap.ts';
import { Page } from '../Page.ts';
import { isCanary } from './buildDiff.ts';
import type {
  DiffDocument,
  KubeProxySummary,
  ReachReport,
  RuleChangeReport,
  ServiceChangeReport,
  ServicesSummary,
  ShareSummary,
  SideReport,
  StateReport,
} from './DiffDocument.ts';
import type { View } from '../View.ts';

const shownServices = 15;
const shownRules = 8;
const indent = 4;

/**
 * The answer of `diff` for people: whose rules changed first, then what must not have, then
 * kube-proxy's rules by Service.
 */
export function renderDiff(document: DiffDocument, options: View): string {
  const page = new Page(options);
  const { detail } = options;
  if (detail !== 'quiet') renderHeader(page, document);
  for (const { message } of document.objections)
    page.prose(message, { label: `${page.symbols.warning} `, labelPaint: 'warning', indent: 2 });
  renderSummary(page, document, detail);
  renderStates(page, document, detail);
  renderUnexpected(page, document, detail);
  if (detail !== 'quiet') {
    renderKubeProxy(page, document, detail);
    renderCilium(page, document, detail);
    renderObjects(page, document, detail);
    renderServices(page, document, detail);
  }
  renderUnknown(page, document, detail);
  page.blank();
  renderExit(page, document);
  return page.toString();
}

function renderHeader(page: Page, { before, after, nodes, durationMs }: DiffDocument): void {
  const facts = [
    `before: ${sideText(before)}`,
    `after: ${sideText(after)}`,
    count(nodes.compared.length, 'node'),
    `${(durationMs / 1000).toFixed(1)} s`,
  ];
  page.prose(facts.map(glued).join(page.symbols.separator), {
    label: 'kubectl kpr diff  ',
    labelPaint: 'bold',
    indent,
    paint: 'dim',
  });
  page.blank();
}

const sideText = ({ source, takenAt, cluster }: SideReport): string =>
  `${source.kind === 'live' ? (cluster.context ?? 'the cluster') : source.file} of ${takenAt}`;

function renderSummary(page: Page, document: DiffDocument, detail: Verbosity): void {
  const { summary, nodes, unexpected, unknown } = document;
  const total = nodes.compared.length;
  const all = detail === 'verbose';
  const line = (label: string, text: string, paint?: 'error' | 'ok' | 'warning'): void =>
    page.prose(text, {
      label: `${label}: `,
      labelPaint: 'bold',
      indent: summaryIndent,
      ...(paint === undefined ? {} : { paint }),
    });
  // A dump that was not read may hold what is missed here.
  const isPartial = unknown.some(({ what, harmless }) => !harmless && what.endsWith('-save'));
  const asRead = isPartial ? ', as far as it was read' : '';
  line('kube-proxy rules', kubeProxyText(summary.kubeProxy, total, all, asRead));
  const needed = unexpected.some(({ neededBy }) => neededBy.length > 0);
  const isTouched = unexpected.length + summary.others.changedOn.length > 0;
  line(
    'others’ rules',
    `${shareText(summary.others, total, all)}${needed ? '; and chains of kube-proxy’s that others need changed' : ''}${asRead}`,
    isTouched ? 'error' : total > 0 && !isPartial ? 'ok' : 'warning',
  );
  line('Cilium rules', `${shareText(summary.cilium, total, all)}${asRead}`);
  line('Services', servicesText(summary.services));
  const gone = [
    nodes.onlyBefore.length > 0 ? `only before: ${listNames(nodes.onlyBefore, all)}` : '',
    nodes.onlyAfter.length > 0 ? `only after: ${listNames(nodes.onlyAfter, all)}` : '',
  ].filter((text) => text !== '');
  if (gone.length > 0) line('nodes', gone.join('; '));
}

const statesShown = 12;

/** What somebody did, above what follows from it. */
function renderStates(page: Page, { states }: DiffDocument, detail: Verbosity): void {
  if (states.length === 0) return;
  const all = detail === 'verbose';
  page.blank();
  const shown = all ? states : states.slice(0, statesShown);
  for (const one of shown) {
    const where = one.nodes.length === 0 ? '' : ` on ${listNames(one.nodes, all)}`;
    const mark = one.before === null ? marks.added : one.after === null ? marks.removed : marks.changed;
    page.prose(
      `${stateName(one)}${where}: ${one.before === null ? absence(one) : one.before || '""'} → ${one.after === null ? absence(one) : one.after || '""'}`,
      {
        label: `${mark} `,
        indent: 2,
      },
    );
  }
  if (shown.length < states.length)
    page.prose(`and ${count(states.length - shown.length, 'more change')} (-v)`, { indent: 2, paint: 'dim' });
}

function stateName({ kind, name }: StateReport): string {
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

const absence = ({ kind }: StateReport): string =>
  kind === 'configuration' ? 'not set' : kind === 'kubernetes' || kind === 'cilium' ? 'not known' : 'none';

const summaryIndent = 'kube-proxy rules: '.length;

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
    changed > 0 ? `${changed} reach something else` : '',
    removed > 0 ? `${removed} removed` : '',
    added > 0 ? `${added} added` : '',
  ].filter((text) => text !== '');
  return `${same} of ${total} reach what they did${parts.length === 0 ? '' : `, ${parts.join(', ')}`} (${who})`;
}

function ownerText(owner: Owner): string {
  if (owner === 'unknown') return 'nobody is known who writes it';
  if (owner === 'builtIn') return 'the policy of a built-in chain';
  const about = withPods.has(owner) ? ', which also changes it with the pods that have host ports' : '';
  return `by ${ownerNames[owner]}${about}`;
}

const withPods: ReadonlySet<Owner> = new Set(['portmap', 'crio']);

function renderUnexpected(page: Page, { unexpected, objects }: DiffDocument, detail: Verbosity): void {
  const others = objects.filter(({ ownerGroup }) => ownerGroup === 'others');
  if (unexpected.length + others.length === 0) return;
  page.blank();
  page.prose('Changed, although it has no reason to change when kube-proxy goes', {
    label: `${page.symbols.error} `,
    labelPaint: 'error',
    indent: 2,
    paint: 'error',
  });
  for (const one of unexpected) renderRules(page, one, detail);
  for (const { nodes, kind, name, change } of others)
    page.prose(`${listNames(nodes, detail === 'verbose')}: ${kind} ${name} ${change}`, { indent });
}

function renderRules(page: Page, one: RuleChangeReport, detail: Verbosity): void {
  const { nodes, backend, family, table, chain, owner, change, removed, added, moved, policy, neededBy } = one;
  const what =
    policy !== null
      ? `policy ${policy.before} → ${policy.after}`
      : change === 'changed'
        ? changeText({
            rules: { removed: removed.length, added: added.length, changed: moved.length, same: 0 },
            chains: none,
          })
        : `chain ${change}`;
  const why = neededBy.length > 0 ? `; ${listNames(neededBy)} jump${neededBy.length === 1 ? 's' : ''} there` : '';
  page.prose(`${glued(`${table} ${chain}`)} (${backend}, ${family}): ${what}; ${ownerText(owner)}${why}`, {
    label: `${listNames(nodes, detail === 'verbose')}: `,
    indent,
    labelPaint: 'bold',
  });
  const lines = [
    ...removed.map((line) => ['- ', line, 'error'] as const),
    ...added.map((line) => ['+ ', line, 'ok'] as const),
    ...moved.map((line) => ['~ ', line, 'info'] as const),
  ];
  const shown = detail === 'verbose' ? lines : detail === 'quiet' ? [] : lines.slice(0, shownRules);
  for (const [mark, line, paint] of shown) page.verbatim(`${mark}${line}`, { indent: indent + 2, paint });
  if (detail !== 'quiet' && shown.length < lines.length)
    page.prose(`and ${count(lines.length - shown.length, 'rule')} more (-v)`, { indent: indent + 2, paint: 'dim' });
}

const none: Tally = { removed: 0, added: 0, changed: 0, same: 0 };

function renderKubeProxy(page: Page, document: DiffDocument, detail: Verbosity): void {
  const { kubeProxyServices, iptables } = document;
  const { compared } = document.nodes;
  const own = iptables.filter(({ owner }) => ownerGroupOf(owner) === 'kubeProxy');
  if (own.length === 0) return;
  const groups = Map.groupBy(own, dumpText);
  const services = Map.groupBy(kubeProxyServices, dumpText);
  for (const [where, changes] of groups) {
    page.blank();
    page.prose(`kube-proxy’s (${where})`, { paint: 'bold' });
    const all = services.get(where) ?? [];
    const shown = detail === 'verbose' ? all : all.slice(0, shownServices);
    for (const { nodes, service, chains, rules } of shown) {
      const on = nodes.length === compared.length ? '' : ` on ${listNames(nodes, detail === 'verbose')}`;
      page.prose(`${glued(`${service}:`)} ${tallyText(chains, rules)}${on}`, { indent: 2 });
    }
    if (shown.length < all.length)
      page.prose(`and ${count(all.length - shown.length, 'Service port')} more (-v)`, { indent: 2, paint: 'dim' });
    const rest = changes.filter((one) => !isPerService(one) && !isCanary(one));
    const chains = [...new Set(rest.map(({ chain, change }) => `${marks[change]}${chain}`))].sort();
    if (chains.length > 0) page.prose(`for all Services: ${chains.join(', ')}`, { indent: 2 });
    if (detail === 'verbose') for (const one of rest) renderRules(page, one, detail);
  }
}

const marks = { removed: '-', added: '+', changed: '~' } as const;

const isPerService = ({ chain }: RuleChangeReport): boolean => /^KUBE-(SVC|SVL|SEP|EXT|FW|XLB)-/.test(chain);

const dumpText = ({ backend, family }: Pick<RuleChangeReport, 'backend' | 'family'>): string => `${backend}, ${family}`;

/** `3 chains, 11 rules removed`. */
function tallyText(chains: Tally, rules: Tally): string {
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

function renderCilium(page: Page, { iptables, summary }: DiffDocument, detail: Verbosity): void {
  if (detail !== 'verbose' || !hasChanged(summary.cilium.rules)) return;
  page.blank();
  page.prose('Cilium’s, which may change', { paint: 'bold' });
  for (const one of iptables) if (ownerGroupOf(one.owner) === 'cilium') renderRules(page, one, detail);
}

const kindNames = { nftTable: 'nftables table', ipset: 'ipset', ipvs: 'IPVS server', link: 'link' } as const;

function renderObjects(page: Page, { objects }: DiffDocument, detail: Verbosity): void {
  const shown = objects.filter(({ ownerGroup }) => ownerGroup !== 'others');
  if (shown.length === 0) return;
  page.blank();
  for (const { nodes, kind, name, change, before, after } of shown) {
    const about = [before, after].filter((one) => one !== null).join(' → ');
    page.prose(
      `${kindNames[kind]} ${name} ${change}${about === '' ? '' : ` (${about})`} on ${listNames(nodes, detail === 'verbose')}`,
      {
        label: `${marks[change]} `,
        indent: 2,
      },
    );
  }
}

function renderServices(page: Page, { services }: DiffDocument, detail: Verbosity): void {
  if (services.length === 0) return;
  page.blank();
  page.prose('Services whose clients reach something else', { paint: 'bold' });
  // What the API did not ask for stands first.
  const ordered = services.toSorted((a, b) => Number(a.changedInApi ?? false) - Number(b.changedInApi ?? false));
  const shown = detail === 'verbose' ? ordered : ordered.slice(0, shownServices);
  for (const one of shown) renderService(page, one, detail);
  if (shown.length < services.length)
    page.prose(`and ${count(services.length - shown.length, 'other')} (-v)`, { indent: 2, paint: 'dim' });
}

function renderService(
  page: Page,
  { nodes, service, change, changedInApi, frontends }: ServiceChangeReport,
  detail: Verbosity,
): void {
  const api =
    changedInApi === null ? '' : changedInApi ? ' because the API changed' : ' although the API did not change';
  const what = change === 'changed' ? `${count(frontends.length, 'frontend')} changed` : change;
  page.prose(`${glued(`${service}:`)} ${what} on ${listNames(nodes, detail === 'verbose')}${api}`, {
    label: `${marks[change]} `,
    indent: 2,
    ...(changedInApi === false ? { labelPaint: 'warning' as const } : {}),
  });
  const shown = detail === 'verbose' ? frontends : frontends.slice(0, 2);
  if (change !== 'changed' && detail !== 'verbose') return;
  for (const { frontend, before, after } of shown)
    page.prose(`${glued(frontend)}: ${reachText(before)} → ${reachText(after)}`, { indent: indent + 2, paint: 'dim' });
  if (shown.length < frontends.length)
    page.prose(`and ${count(frontends.length - shown.length, 'frontend')} more (-v)`, {
      indent: indent + 2,
      paint: 'dim',
    });
}

const backendsText = (backends: readonly string[]): string =>
  backends.length === 0
    ? 'nothing'
    : backends.length > 4
      ? `${count(backends.length, 'backend')} (${backends.slice(0, 2).join(', ')}, …)`
      : backends.join(', ');

function reachText(reach: ReachReport | null): string {
  if (reach === null) return 'no such frontend';
  const { inside, outside, affinitySeconds } = reach;
  const affinity = affinitySeconds === null || affinitySeconds === 0 ? '' : `, affinity ${affinitySeconds} s`;
  if (inside !== null && outside !== null && inside.join() !== outside.join())
    return `${backendsText(inside)} from pods, ${backendsText(outside)} from outside${affinity}`;
  return `${backendsText(inside ?? outside ?? [])}${affinity}`;
}

const sideWords = { before: 'before', after: 'after', both: 'in either reading' } as const;

function renderUnknown(page: Page, { unknown }: DiffDocument, detail: Verbosity): void {
  const shown = detail === 'quiet' ? unknown.filter(({ harmless }) => !harmless) : unknown;
  if (shown.length === 0) return;
  page.blank();
  const groups = Map.groupBy(shown, ({ nodes, side, detail: why, harmless }) =>
    JSON.stringify([nodes, side, why, harmless]),
  );
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { nodes, side, detail: why, harmless } = first;
    const what = listNames(
      group.map((one) => one.what),
      true,
    );
    page.prose(
      `${nodes.length === 0 ? 'the cluster' : listNames(nodes, detail === 'verbose')}: ${what}, not read ${sideWords[side]}: ${why}`,
      {
        label: harmless ? `${page.symbols.skipped} not compared on ` : `${page.symbols.unknown} unknown on `,
        labelPaint: harmless ? 'dim' : 'unknown',
        indent: 4,
      },
    );
  }
}

function renderExit(page: Page, { verdict, exitCode, unexpected, nodes, iptables }: DiffDocument): void {
  const texts = {
    same: `the same on ${count(nodes.compared.length, 'node')}`,
    different: unexpected.length > 0 ? 'different, also what is not kube-proxy’s' : 'different',
    unknown:
      nodes.compared.length === 0
        ? 'no node could be compared'
        : 'nothing differs in what could be compared, but not everything could',
    interrupted: 'interrupted',
  } as const;
  const paints = {
    same: 'ok',
    different: unexpected.length > 0 ? 'error' : 'bold',
    unknown: 'unknown',
    interrupted: 'unknown',
  } as const;
  const hasRules = verdict === 'different' && iptables.length > 0;
  const more = hasRules ? `. ${glued('-U 3')} shows the rules as a unified diff` : '';
  page.prose(`${texts[verdict]}${more}`, { label: `exit ${exitCode}: `, labelPaint: paints[verdict] });
}
