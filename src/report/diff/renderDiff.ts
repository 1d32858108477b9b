import { hasChanged, ownerGroupOf } from '../../changes/Changes.ts';
import { listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import type { Verbosity } from '../../text/Style.ts';
import { glued } from '../../text/wrap.ts';
import { ageOf, apartText, type Header, renderHeader, shortName } from '../renderHeader.ts';
import { Page } from '../Page.ts';
import { renderVerdict } from '../renderVerdict.ts';
import { isCanary } from './buildDiff.ts';
import type { DiffDocument, RuleChangeReport, ServiceChangeReport } from './DiffDocument.ts';
import {
  diffHeadline,
  dumpText,
  kindNames,
  marks,
  reachText,
  ruleText,
  sideName,
  stateName,
  stateSides,
  summaryLines,
  tallyText,
  unexpectedTitle,
  unreadLines,
} from './diffWords.ts';
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
  if (detail !== 'quiet') renderHead(page, document, options);
  renderDiffBody(page, document, detail);
  page.blank();
  renderExit(page, document);
  return page.toString();
}

/** All but the header and the last line. */
export function renderDiffBody(page: Page, document: DiffDocument, detail: Verbosity): void {
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
}

function renderHead(page: Page, document: DiffDocument, view: View): void {
  renderHeader(page, headerOf(document, view.now));
  renderVerdict(page, diffHeadline(document), markOf(document), view);
}

function headerOf({ before, after, nodes, durationMs }: DiffDocument, now: number): Header {
  const apart = apartText(before.takenAt, after.takenAt);
  const ageOfSide = ({ source, takenAt }: DiffDocument['before']): string =>
    source.kind === 'live' ? '' : `, ${ageOf(takenAt, now)}`;
  const names = sideName(before).length + sideName(after).length;
  return {
    typed: 'kubectl kpr diff',
    nameColumns: names,
    facts: (columns) => {
      // Both get the same, where there is too little for their names.
      const each = columns < names ? Math.floor(columns / 2) : names;
      return [
        `before: ${shortName(sideName(before), each)}${ageOfSide(before)}`,
        `after: ${shortName(sideName(after), each)}${ageOfSide(after)}`,
        ...(apart === undefined ? [] : [apart]),
        count(nodes.compared.length, 'node'),
        `${(durationMs / 1000).toFixed(1)} s`,
      ];
    },
  };
}

/** What changed by intention is no error. */
function markOf({ verdict, unexpected }: DiffDocument): 'ok' | 'error' | 'warning' | 'unknown' {
  switch (verdict) {
    case 'same':
      return 'ok';
    case 'different':
      return unexpected.length > 0 ? 'error' : 'warning';
    case 'unknown':
    case 'interrupted':
      return 'unknown';
    default:
      return verdict satisfies never;
  }
}

function renderSummary(page: Page, document: DiffDocument, detail: Verbosity): void {
  for (const { label, text, paint } of summaryLines(document, detail === 'verbose'))
    page.prose(text, {
      label: `${label}: `,
      labelPaint: 'bold',
      indent: summaryIndent,
      ...(paint === undefined ? {} : { paint }),
    });
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
    const { before, after } = stateSides(one);
    page.prose(`${stateName(one)}${where}: ${before} → ${after}`, { label: `${mark} `, indent: 2 });
  }
  if (shown.length < states.length)
    page.prose(`and ${count(states.length - shown.length, 'more change')} (-v)`, { indent: 2, paint: 'dim' });
}

const summaryIndent = 'kube-proxy rules: '.length;

function renderUnexpected(page: Page, { unexpected, objects }: DiffDocument, detail: Verbosity): void {
  const others = objects.filter(({ ownerGroup }) => ownerGroup === 'others');
  if (unexpected.length + others.length === 0) return;
  page.blank();
  page.prose(unexpectedTitle, {
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
  const { nodes, removed, added, moved } = one;
  page.prose(ruleText(one), {
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

const isPerService = ({ chain }: RuleChangeReport): boolean => /^KUBE-(SVC|SVL|SEP|EXT|FW|XLB)-/.test(chain);

function renderCilium(page: Page, { iptables, summary }: DiffDocument, detail: Verbosity): void {
  if (detail !== 'verbose' || !hasChanged(summary.cilium.rules)) return;
  page.blank();
  page.prose('Cilium’s, which may change', { paint: 'bold' });
  for (const one of iptables) if (ownerGroupOf(one.owner) === 'cilium') renderRules(page, one, detail);
}

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
  page.prose('Services whose clients reach other backends', { paint: 'bold' });
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

function renderUnknown(page: Page, { unknown }: DiffDocument, detail: Verbosity): void {
  const shown = detail === 'quiet' ? unknown.filter(({ harmless }) => !harmless) : unknown;
  if (shown.length === 0) return;
  page.blank();
  for (const { harmless, text } of unreadLines(shown, detail === 'verbose'))
    page.prose(text, {
      label: harmless ? `${page.symbols.skipped} not compared on ` : `${page.symbols.unknown} unknown on `,
      labelPaint: harmless ? 'dim' : 'unknown',
      indent: 4,
    });
}

function renderExit(page: Page, document: DiffDocument): void {
  const { verdict, exitCode, unexpected, iptables } = document;
  const paints = {
    same: 'ok',
    different: unexpected.length > 0 ? 'error' : 'bold',
    unknown: 'unknown',
    interrupted: 'unknown',
  } as const;
  const hasRules = verdict === 'different' && iptables.length > 0;
  const more = hasRules ? `. ${glued('-U 3')} shows the rules as a unified diff` : '';
  page.prose(`${diffHeadline(document).text}${more}`, {
    label: `exit ${exitCode}: `,
    labelPaint: paints[verdict],
  });
}
