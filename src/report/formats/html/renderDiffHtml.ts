import { type OwnerGroup, ownerGroupOf } from '../../../changes/Changes.ts';
import { listNames } from '../../../text/names.ts';
import { count } from '../../../text/plural.ts';
import type {
  DiffDocument,
  ObjectReport,
  RuleChangeReport,
  ServiceChangeReport,
  ServiceShareReport,
  StateReport,
} from '../../diff/DiffDocument.ts';
import {
  diffHeadline,
  kindNames,
  reachText,
  ruleText,
  sideText,
  stateName,
  stateSides,
  summaryLines,
  tallyText,
  unexpectedTitle,
  unreadLines,
} from '../../diff/diffWords.ts';
import { type Markup, markup } from '../markup.ts';
import { symbols } from '../plainText.ts';
import { fold, htmlPage, partLines, longTable, section, sides, table } from './page.ts';

/** A comparison as one page: whose rules changed on which nodes, and everything before and after. */
export function renderDiffHtml(document: DiffDocument): string {
  const { before, after, nodes, verdict, durationMs, objections, states, services, objects, unknown } = document;
  const { word, text } = diffHeadline(document);
  return htmlPage({
    title: `kubectl kpr diff: ${word}`,
    verdict,
    headline: `${word}: ${text}`,
    about: [
      'kubectl kpr diff',
      `before: ${sideText(before)}`,
      `after: ${sideText(after)}`,
      count(nodes.compared.length, 'node'),
      `${(durationMs / 1000).toFixed(1)} s`,
    ],
    filters: {
      others: 'others’ rules',
      kubeProxy: 'kube-proxy’s',
      cilium: 'Cilium’s',
      services: 'Services',
    },
    body: [
      ...objections.map(({ message }) => markup`<p class="warning">${symbols.warning} ${message}</p>\n`),
      summarySection(document),
      matrixSection(document),
      section('What was changed', states.length === 0 ? [] : statesTable(states)),
      section(unexpectedTitle, [
        ...document.unexpected.map((one) => ruleCard(one, 'others')),
        ...objectParts(objects.filter(({ ownerGroup }) => ownerGroup === 'others')),
      ]),
      section('Services whose clients reach other backends', services.toSorted(askedLast).map(serviceCard)),
      rulesSection('kube-proxy’s rules', document, 'kubeProxy'),
      rulesSection('Cilium’s rules, which may change', document, 'cilium'),
      section('Other objects of nodes', objectParts(objects.filter(({ ownerGroup }) => ownerGroup !== 'others'))),
      section(
        'What was not compared',
        unreadLines(unknown, true).map(({ harmless, text: line }) =>
          harmless
            ? markup`<p class="dim">${symbols.skipped} ${line}</p>\n`
            : markup`<p class="unknown">${symbols.unknown} ${line}</p>\n`,
        ),
      ),
    ],
  });
}

const summarySection = (document: DiffDocument): Markup =>
  section('In short', [
    markup`<dl>${summaryLines(document, true).map(
      ({ label, text, paint }) => markup`<dt>${label}</dt><dd class="${paint ?? ''}">${text}</dd>\n`,
    )}</dl>\n`,
  ]);

/** Rows of a larger cluster that are not folded. */
const shownRows = 40;

type Column = readonly [
  name: string,
  paint: 'error' | 'info' | 'unknown',
  things: readonly { readonly nodes: readonly string[] }[],
];

const cellOf = (number: number, paint: Column[1]): Markup =>
  number === 0 ? markup`<span class="ok" title="no change">=</span>` : markup`<span class="${paint}">${number}</span>`;

/** Nodes × what may change: nodes on which most changed first. */
function matrixSection(document: DiffDocument): Markup {
  const { nodes, iptables, states, services, objects, unknown } = document;
  const rulesOf = (group: OwnerGroup) => iptables.filter(({ owner }) => ownerGroupOf(owner) === group);
  const columns: readonly Column[] = [
    ['others’ rules', 'error', [...rulesOf('others'), ...objects.filter(({ ownerGroup }) => ownerGroup === 'others')]],
    ['kube-proxy’s rules', 'info', rulesOf('kubeProxy')],
    ['Cilium’s rules', 'info', rulesOf('cilium')],
    ['kube-proxy, versions, programs', 'info', states.filter((one) => one.nodes.length > 0)],
    ['other objects', 'info', objects.filter(({ ownerGroup }) => ownerGroup !== 'others')],
    ['Services', 'info', services],
    ['not compared', 'unknown', unknown.filter(({ harmless }) => !harmless)],
  ];
  const counts = columns.map(([, , things]) => countByNode(things));
  const rows = nodes.compared
    .map((node) => ({ node, numbers: counts.map((byNode) => byNode.get(node) ?? 0) }))
    .toSorted((a, b) => sum(b.numbers) - sum(a.numbers))
    .map(({ node, numbers }) =>
      [markup`${node}`].concat(numbers.map((number, i) => cellOf(number, columns[i]?.[1] ?? 'info'))),
    );
  if (rows.length === 0) return markup``;
  return section('Nodes', [
    markup`<div class="matrix">${longTable(['node', ...columns.map(([name]) => name)], rows, shownRows, 'node')}</div>\n`,
    markup`<p class="dim">How many chains, objects and Services changed on each node; = none.</p>\n`,
  ]);
}

function countByNode(things: readonly { readonly nodes: readonly string[] }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { nodes } of things) for (const node of nodes) counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const where = (nodes: readonly string[]): string =>
  nodes.length === 0 ? 'the cluster' : listNames(nodes, nodes.length <= 12);

const statesTable = (states: readonly StateReport[]): readonly Markup[] =>
  longTable(
    ['what', 'on', 'before', 'after'],
    states.map((one) => {
      const { before, after } = stateSides(one);
      return [stateName(one), where(one.nodes), markup`<del>${before}</del>`, markup`<ins>${after}</ins>`];
    }),
    shownRows,
    'change',
  );

function ruleCard(one: RuleChangeReport, group: OwnerGroup): Markup {
  const { nodes, removed, added, moved, policy } = one;
  const before = [...(policy === null ? [] : [`policy ${policy.before}`]), ...removed];
  const after = [...(policy === null ? [] : [`policy ${policy.after}`]), ...added];
  const empty = before.length + after.length === 0;
  return markup`<article class="${group === 'others' ? 'error' : 'info'}" data-severity="${group}">
<p><strong>${where(nodes)}</strong>: ${ruleText(one)}</p>
${empty ? '' : sides(before, after)}${moved.length === 0 ? '' : fold(markup`${count(moved.length, 'rule')} at another place of the chain`, [markup`<pre>${moved.join('\n')}</pre>\n`])}</article>
`;
}

/** More than anybody reads; the unified diff has them all. */
const shownChains = 400;

function rulesSection(title: string, { iptables, kubeProxyServices }: DiffDocument, group: OwnerGroup): Markup {
  const own = iptables.filter(({ owner }) => ownerGroupOf(owner) === group);
  if (own.length === 0) return markup``;
  const left = own.length - shownChains;
  const chains = own.slice(0, shownChains).map((one) => ruleCard(one, group));
  return section(title, [
    ...(group === 'kubeProxy' ? sharesTable(kubeProxyServices) : []),
    fold(markup`${count(own.length, 'chain')}, before and after`, [
      ...chains,
      ...(left > 0 ? [markup`<p class="dim">and ${left} more: kubectl kpr diff -U 3 shows them all</p>\n`] : []),
    ]),
  ]);
}

const sharesTable = (shares: readonly ServiceShareReport[]): readonly Markup[] =>
  shares.length === 0
    ? []
    : longTable(
        ['Service port', 'iptables', 'on', 'what'],
        shares.map(({ service, backend, family, nodes, chains, rules }) => [
          service,
          `${backend}, ${family}`,
          where(nodes),
          tallyText(chains, rules),
        ]),
        15,
        'Service port',
      );

const objectParts = (objects: readonly ObjectReport[]): readonly Markup[] =>
  objects.length === 0
    ? []
    : longTable(
        ['object', 'on', 'what', 'before', 'after'],
        objects.map(({ kind, name, nodes, change, before, after }) => [
          `${kindNames[kind]} ${name}`,
          where(nodes),
          change,
          before ?? '',
          after ?? '',
        ]),
        shownRows,
        'object',
      );

/** What the API did not ask for stands first. */
const askedLast = (a: ServiceChangeReport, b: ServiceChangeReport): number =>
  Number(a.changedInApi ?? false) - Number(b.changedInApi ?? false);

function serviceCard({ service, nodes, change, changedInApi, frontends }: ServiceChangeReport): Markup {
  const api =
    changedInApi === null ? '' : changedInApi ? ' because the API changed' : ' although the API did not change';
  const state = changedInApi === false ? 'warning' : 'info';
  const rows = frontends.map(({ frontend, before, after }) => {
    const [old, now] = [reachText(before, Infinity), reachText(after, Infinity)];
    return [frontend, partLines(old, now), partLines(now, old)];
  });
  const what = change === 'changed' ? `${count(frontends.length, 'frontend')} changed` : change;
  return markup`<article class="${state}" data-severity="services">
${fold(markup`<strong>${service}</strong>: ${what} on ${where(nodes)}${api}`, [table(['frontend', 'before', 'after'], rows)])}</article>
`;
}
