import { ownerGroupOf } from '../../changes/Changes.ts';
import { listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import { plainPaint } from '../../text/Style.ts';
import type { DiffDocument, RuleChangeReport } from '../diff/DiffDocument.ts';
import { diffHeadline, ruleText, sideText } from '../diff/diffWords.ts';
import { renderDiffBody } from '../diff/renderDiff.ts';
import { Page } from '../Page.ts';
import { block, paragraphs, prose } from './markdown.ts';

/** The verdict in words, what changed as lines, and the rules before and after as a diff that places colour. */
export function renderDiffMarkdown(document: DiffDocument): string {
  const { before, after, nodes, exitCode, iptables } = document;
  const { word, text } = diffHeadline(document);
  const page = new Page({ width: undefined, unicode: true, paint: plainPaint });
  renderDiffBody(page, document, 'normal');
  const rules = iptables.toSorted((a, b) => rankOf(a) - rankOf(b));
  const left = rules.length - shownChains;
  return paragraphs([
    `**${prose(`${word}: ${text}`)}**`,
    prose(`before: ${sideText(before)}; after: ${sideText(after)}; ${count(nodes.compared.length, 'node')}`),
    block(page.toString().trim()),
    rules.length === 0 ? '' : block(rules.slice(0, shownChains).map(chainText).join('\n'), '', 'diff'),
    left > 0 ? `and ${count(left, 'more chain')}: ${prose('kubectl kpr diff -U 3')} shows them all` : '',
    `Exit code ${exitCode}`,
  ]);
}

/** What has no reason to change comes first; a ticket bears no more than these. */
const shownChains = 12;
const shownRules = 12;

const rankOf = ({ owner }: RuleChangeReport): number => ({ others: 0, kubeProxy: 1, cilium: 2 })[ownerGroupOf(owner)];

function chainText(one: RuleChangeReport): string {
  const lines = [...one.removed.map((line) => `- ${line}`), ...one.added.map((line) => `+ ${line}`)];
  const left = lines.length - shownRules;
  return [
    `@@ ${listNames(one.nodes)}: ${ruleText(one)} @@`,
    ...lines.slice(0, shownRules),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ].join('\n');
}
