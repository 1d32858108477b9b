import { nameOf } from '../remedy/valuesOf.ts';
import type { RemedyReport, StepReport } from '../remedy/RemedyReport.ts';
import { listFirst, listNames } from '../text/names.ts';
import { count, plural } from '../text/plural.ts';
import type { Verbosity } from '../text/Style.ts';
import { columnsOf, glued } from '../text/wrap.ts';
import { commonText, distinct } from './outline/blocksOf.ts';
import type { Block, Effect } from './outline/Outline.ts';
import type { LineOptions, Page } from './Page.ts';
import type { EvidenceReport, FindingReport } from './ReportDocument.ts';
import { guarded } from './guarded.ts';
import { places } from './stepWords.ts';

/** How much of a block is shown. */
interface Amount {
  readonly others: number;
  readonly effects: number;
  readonly evidence: number;
  readonly steps: number;
  /** Rows of what must hold before a command. */
  readonly conditions: number;
  /** Of a sentence. */
  readonly rows: number;
}

/** Rows of a terminal for one cause: with the header and the verdict, it fits the smallest usual one. */
const mostRows = 20;

/** From the amplest to the least, the first that fits is taken. */
const amounts: readonly Amount[] = [
  { others: 6, effects: 5, evidence: 3, steps: 9, conditions: 4, rows: 4 },
  { others: 4, effects: 4, evidence: 2, steps: 9, conditions: 2, rows: 3 },
  { others: 3, effects: 3, evidence: 1, steps: 9, conditions: 2, rows: 2 },
  { others: 3, effects: 3, evidence: 1, steps: 3, conditions: 2, rows: 2 },
  { others: 2, effects: 2, evidence: 1, steps: 2, conditions: 2, rows: 2 },
  { others: 2, effects: 2, evidence: 1, steps: 1, conditions: 2, rows: 2 },
];
const leastAmount: Amount = { others: 1, effects: 1, evidence: 1, steps: 1, conditions: 2, rows: 2 };

/** Of a block without its remedy. */
const few: Amount = { others: 4, effects: 4, evidence: 0, steps: 0, conditions: 0, rows: 3 };

const unlimited = Number.POSITIVE_INFINITY;
const everything: Amount = {
  others: unlimited,
  effects: unlimited,
  evidence: unlimited,
  steps: unlimited,
  conditions: unlimited,
  rows: unlimited,
};

interface Room {
  /** Of the terminal, for the block; absent: as many as a cause may have at most. */
  readonly rows?: number;
}

/** A cause, with what follows from it inside, and what to do first. */
export function renderBlock(page: Page, block: Block, detail: Verbosity, { rows = mostRows }: Room = {}): void {
  switch (detail) {
    case 'quiet':
      renderWhat(page, block, few);
      return;
    case 'normal':
      page.append(fitting(page, block, Math.min(rows, mostRows)));
      return;
    case 'verbose':
      for (const one of [block.lead, ...block.others, ...block.effects.flatMap(({ findings }) => findings)])
        renderWhole(page, one);
      return;
    default:
      detail satisfies never;
  }
}

/** The most that fits. What must hold before a command costs anything else its place, but never the command itself. */
function fitting(page: Page, block: Block, most: number): Page {
  const drawn = (amount: Amount): Page => {
    const part = page.another();
    renderWhat(part, block, amount);
    renderHow(part, block, amount);
    return part;
  };
  const fits = (amount: Amount): boolean => drawn(amount).rows <= most;
  const without = amounts.find((one) => fits({ ...one, conditions: 0 })) ?? leastAmount;
  const asMany = [...amounts, leastAmount].filter(({ steps }) => steps >= without.steps);
  const brief = { ...(asMany.at(-1) ?? without), conditions: 1 };
  return drawn(asMany.find(fits) ?? brief);
}

/** Nodes that a line names which has room for them: whose findings are not shown, is to be found all the same. */
const mostNames = 10;

const indent = 2;
const textIndent = 8;
const wordIndent = 12;
const label = (word: string): LineOptions => ({ label: `  ${word}`, labelPaint: 'dim', indent: textIndent });

/** What is wrong, where, and what follows from it. */
function renderWhat(page: Page, { lead, others, effects, lasted }: Block, amount: Amount): void {
  const all: readonly [FindingReport, ...FindingReport[]] = [lead, ...others];
  const message = commonText(all);
  const nodes = nodesOf(all);
  const isOne = all.every((one) => one.message === message);
  const duration = lasted === undefined ? '' : ` (${lasted})`;
  renderTitle(page, whereIn(nodes) + message + duration, { ...lead, isNew: isAnyNew(all) }, amount.rows);
  if (isOne) renderObjects(page, all, amount);
  else renderAlike(page, all, amount);
  if (others.length === 0) renderExpectation(page, lead, amount.rows);
  renderEffects(page, effects, amount);
}

const nodesOf = (findings: readonly FindingReport[]): readonly string[] => [
  ...new Set(findings.flatMap(({ nodes }) => nodes)),
];

/** `n1 and n2: `, first, so that it is not what is cut. */
const whereIn = (nodes: readonly string[], all = false): string =>
  nodes.length === 0 ? '' : `${listNames(nodes, all)}: `;

const isAnyNew = (findings: readonly FindingReport[]): boolean => findings.some(({ isNew }) => isNew === true);

/** Since the baseline, or the look before. */
const codeText = ({ code, isNew }: Pick<FindingReport, 'code' | 'isNew'>): string =>
  isNew === true ? `new ${code}` : code;

type Titled = Pick<FindingReport, 'code' | 'severity' | 'isNew'>;

function renderTitle(page: Page, text: string, titled: Titled, rows: number): void {
  const { severity } = titled;
  const symbol = page.symbols[severity];
  page.prose(text, {
    label: `${symbol} `,
    labelPaint: severity,
    indent: symbol.length + 1,
    paint: 'bold',
    aside: codeText(titled),
    rows,
  });
}

/** Those that the message does not name already. */
function renderObjects(page: Page, all: readonly FindingReport[], { rows }: Amount): void {
  const objects = unnamed({ objects: distinct(all.flatMap((one) => one.objects)), message: all[0]?.message ?? '' });
  if (objects.length > 0) page.prose(listNames(objects, rows === unlimited), { indent, rows });
}

function renderExpectation(page: Page, { expected, found }: FindingReport, rows: number): void {
  if (expected !== undefined) page.prose(expected, { label: '  expected', indent: wordIndent, rows });
  if (found !== undefined) page.prose(found, { label: '  found', indent: wordIndent, rows });
}

/** What the message does not name already. */
const unnamed = ({ objects, message }: Pick<FindingReport, 'objects' | 'message'>): readonly string[] =>
  objects.map(shortName).filter((name) => !message.includes(name.split(' ').at(-1) ?? name));

/** Services are the usual ones. */
const shortName = (object: FindingReport['objects'][number]): string => nameOf(object).replace(/^Service (?=.)/, '');

function renderAlike(page: Page, all: readonly FindingReport[], { others }: Amount): void {
  const shown = all.length <= others + 1 ? all : all.slice(0, others);
  const isOnOneNode = nodesOf(all).length < 2;
  for (const { message, nodes, severity } of shown) {
    page.prose((isOnOneNode ? '' : whereIn(nodes)) + message, { ...marked(page, severity, indent), rows: 2 });
  }
  const left = all.slice(shown.length);
  if (left.length === 0) return;
  const named = new Set(nodesOf(shown));
  const nodes = nodesOf(left).filter((node) => !named.has(node));
  const where = isOnOneNode || nodes.length === 0 ? '' : `: ${listFirst(nodes, mostNames)}`;
  page.prose(`and ${left.length} more (-v)${where}`, { indent: textIndent, paint: 'dim', rows: 1 });
}

function marked(page: Page, severity: FindingReport['severity'], at: number, lead = ''): LineOptions {
  const symbol = page.symbols[severity];
  return { label: `${lead.padEnd(at)}${symbol} `, labelPaint: severity, indent: at + symbol.length + 1 };
}

function renderMore(page: Page, number: number, what: string, indent: number): void {
  if (number > 0) page.prose(`and ${number} ${what} (-v)`, { indent, paint: 'dim' });
}

function renderEffects(page: Page, effects: readonly Effect[], { effects: most }: Amount): void {
  const shown = effects.length <= most + 1 ? effects : effects.slice(0, most);
  for (const [i, { text, nodes, objects, severity, code, findings }] of shown.entries()) {
    const names = unnamed({ objects, message: text });
    const whom = names.length === 0 ? '' : `: ${listNames(names)}`;
    const lead = i === 0 ? '  so' : '';
    const aside = codeText({ code, isNew: isAnyNew(findings) });
    page.prose(whereIn(nodes) + text + whom, { ...marked(page, severity, textIndent, lead), aside, rows: 2 });
  }
  const left = effects.length - shown.length;
  renderMore(page, left, plural(left, 'other effect'), textIndent);
}

/** How to see it, and what to do. */
function renderHow(page: Page, { lead, others }: Block, amount: Amount): void {
  const [seen] = lead.evidence;
  if (seen !== undefined) renderEvidence(page, seen, amount.evidence);
  renderRemedy(page, lead.remedy, amount);
  const differing = others.filter(({ remedy }) => !isSame(remedy, lead.remedy)).length;
  renderMore(page, differing, `${plural(differing, 'remedy')} for the others`, textIndent);
  renderWays(page, lead);
}

/** A line; what they are is told by `explain`. */
function renderWays(page: Page, { code, alternatives = [] }: FindingReport): void {
  const [only, ...more] = alternatives;
  if (only === undefined) return;
  const next = glued(`kubectl kpr explain ${code}`);
  const named = `${only.title}: ${next}`;
  const isShort = page.width === undefined || columnsOf(named) <= page.width - textIndent;
  page.prose(more.length === 0 && isShort ? named : `${count(alternatives.length, 'other way')}: ${next}`, label('or'));
}

const isSame = (one: RemedyReport, other: RemedyReport): boolean => JSON.stringify(one) === JSON.stringify(other);

function renderEvidence(page: Page, { command, excerpt, decides }: EvidenceReport, most: number): void {
  if (command !== '') page.command(command, label('see'));
  const lines = excerpt.trim() === '' ? [] : excerpt.trimEnd().split('\n');
  // The line that decides is among those that are shown.
  const first = decides === undefined ? 0 : Math.max(0, decides - most + 1);
  const shown = lines.slice(first, first + most);
  for (const [i, line] of shown.entries()) renderSeen(page, line, i + first === decides, most);
  const left = lines.length - shown.length;
  renderMore(page, left, plural(left, 'more line'), textIndent);
}

function renderSeen(page: Page, line: string, isDeciding: boolean, most: number): void {
  const options = { indent: textIndent + 2, ...(isDeciding ? {} : { paint: 'dim' as const }) };
  const bar = `${' '.repeat(textIndent)}${page.symbols.bar} `;
  if (most === unlimited) page.verbatim(line, { ...options, label: bar });
  else page.prose(line, { ...options, label: bar, rows: 2 });
}

function renderRemedy(page: Page, { steps, check, undo }: RemedyReport, amount: Amount): void {
  for (const [i, step] of steps.entries()) {
    const number = steps.length > 1 ? i + 1 : undefined;
    if (i < amount.steps) renderStep(page, step, { number, amount });
    else page.prose(`${step.text} (-v)`, { ...stepLabel(number), rows: 1 });
  }
  if (check !== undefined) page.command(check, label('check'));
  if (undo !== undefined) page.command(undo, label('undo'));
}

/** @param number undefined: it is the only step */
function stepLabel(number: number | undefined): LineOptions & { readonly indent: number } {
  const numbered = number === undefined ? '' : `${number} `;
  const lead = number === undefined || number === 1 ? '  do' : '';
  return { label: lead.padEnd(textIndent) + numbered, labelPaint: 'dim', indent: textIndent + numbered.length };
}

interface StepOptions {
  readonly number: number | undefined;
  readonly amount: Amount;
}

function renderStep(page: Page, step: StepReport, { number, amount: { rows, conditions } }: StepOptions): void {
  const options = stepLabel(number);
  const { indent: at } = options;
  // What is typed on each of several nodes is often the same.
  const [first, ...more] = [...new Map(step.commands.map((one) => [one.command, one])).values()];
  page.prose(step.text + places[step.where] + orderOf(step, first?.node, more.length), { ...options, rows });
  if (step.precondition !== undefined && conditions > 0)
    page.prose(`only if ${step.precondition.text}`, { indent: at, rows: conditions });
  if (first !== undefined) page.command(guarded(first.command, step.precondition), { indent: at, paint: 'bold' });
  else if (step.precondition !== undefined) page.command(step.precondition.command, { indent: at });
  renderOtherCommands(page, more, at, rows === unlimited);
  if (step.risk !== undefined) page.prose(step.risk, { ...label('risk'), rows });
}

/** Of several nodes, with which to begin. */
function orderOf({ text }: StepReport, node: string | undefined, others: number): string {
  if (others === 0 || node === undefined) return '';
  return text.endsWith('first') ? `: ${node}` : `: ${node} first`;
}

function renderOtherCommands(page: Page, more: StepReport['commands'], at: number, all: boolean): void {
  const [second] = more;
  if (second === undefined) return;
  const nodes = listNames(more.flatMap(({ node }) => node ?? []));
  if (!all && nodes !== '') {
    page.prose(`then likewise on ${nodes} (-v)`, { indent: at, paint: 'dim' });
    return;
  }
  for (const { command } of more) page.command(command, { indent: at, paint: 'bold' });
}

/** A finding with all that is known of it, and every way to repair it. */
function renderWhole(page: Page, one: FindingReport): void {
  renderTitle(page, whereIn(one.nodes, true) + one.message, one, unlimited);
  renderObjects(page, [one], everything);
  renderExpectation(page, one, unlimited);
  if (one.likelyCauses.length > 0) page.prose(`follows from ${listNames(one.likelyCauses)}`, { indent });
  for (const seen of one.evidence) renderEvidence(page, seen, unlimited);
  renderRemedy(page, one.remedy, everything);
  for (const way of one.alternatives ?? []) {
    page.prose(way.title, label('or'));
    renderRemedy(page, way, everything);
  }
  page.blank();
}

/** What is to be known, and not to be acted on: a line. */
export function renderNote(page: Page, block: Block, detail: Verbosity): void {
  if (detail === 'verbose') {
    renderBlock(page, block, detail);
    return;
  }
  const { lead, others } = block;
  const all: readonly [FindingReport, ...FindingReport[]] = [lead, ...others];
  const message = commonText(all);
  const objects = distinct(all.flatMap((one) => one.objects));
  const names = unnamed({ objects, message });
  const nodes = nodesOf(all);
  const text = `${whereIn(nodes)}${message}${names.length === 0 ? '' : `: ${listNames(names)}`}`;
  renderTitle(page, text, { ...lead, isNew: isAnyNew(all) }, 1);
}
