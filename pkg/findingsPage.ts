// `npm run docs`: writes docs/findings.md from the texts of the problems beside the checks; a test fails while the page
// is older than they are.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { problems } from '../checks/problems.ts';
import type {
  Alternative,
  Cause,
  Harm,
  Layer,
  Problem,
  RaisedProblem,
  Remedy,
  RemedyStep,
  Severity,
  Variant,
} from '../src/core/Problem.ts';
import { codes } from '../src/knowledge/codes.ts';
import { fillText } from '../src/remedy/fill.ts';
import { usualCommand, usualText } from '../src/remedy/stepCommands.ts';
import { places } from '../src/report/stepWords.ts';

export const pagePath = join(import.meta.dirname, '..', 'docs', 'findings.md');

/**
 * Every code with all that is known about it, as Markdown; what `kubectl kpr explain` prints, for reading and linking.
 */
export function findingsPage(all: Iterable<RaisedProblem> = problems.values()): string {
  const sorted = [...all];
  return [
    '# Findings',
    '',
    'What `kubectl kpr` may find. A code never changes its meaning; `kubectl kpr explain CODE` prints the same.',
    'Words in capitals stand for what a finding fills in: the node, the agent pod, the Service, …',
    '',
    '| code | severity | finding |',
    '| --- | --- | --- |',
    ...sorted.map(
      ({ code, severity, title }) => `| [${code}](#${code.toLowerCase()}) | ${severity} | ${cell(title)} |`,
    ),
    ...sorted.flatMap(section),
    '',
    '## Reserved codes',
    '',
    'Nothing raises these yet; what each of them will mean is settled, and nothing else may take it.',
    '',
    '| code | will mean |',
    '| --- | --- |',
    ...reserved().map(([code, title]) => `| ${code} | ${cell(title)} |`),
    '',
  ].join('\n');
}

const reserved = (): [code: string, title: string][] =>
  Object.entries(codes).flatMap(([code, entry]) => (entry.state === 'reserved' ? [[code, entry.title]] : []));

const section = (problem: RaisedProblem): string[] => [
  '',
  `## ${problem.code}`,
  '',
  `**${problem.title}** (${problem.severity}, ${harms[problem.harm]}, found by ${problem.phases.join(', ')})`,
  '',
  `- symptom: ${fillText(problem.symptom, {})}`,
  `- cause: ${fillText(problem.cause, {})}`,
  `- confirm: ${fillText(problem.confirm, {})}`,
  ...(problem.layer === undefined ? [] : [`- wrong first: ${layers[problem.layer]}`]),
  ...(problem.mayFollowFrom === undefined ? [] : [`- may follow from: ${problem.mayFollowFrom.map(tie).join(', ')}`]),
  ...(problem.explainsUnknown === undefined
    ? []
    : [`- explains unknown results: ${unknowns[problem.explainsUnknown]}`]),
  ...Object.values(problem.variants).flatMap((variant) => finding(variant, problem)),
];

const harms: Readonly<Record<Harm, string>> = { now: 'harm now', trap: 'a trap', note: 'a note' };

const layers: Readonly<Record<Layer, string>> = {
  api: 'objects in the API, or settings',
  agent: 'the agent',
  map: 'the eBPF maps',
  program: 'the eBPF programs',
  host: 'the host beside Cilium',
  network: 'the network between nodes',
};

const ties: Readonly<Record<Cause['by'], string>> = {
  node: 'on the same node',
  object: 'about the same object',
  cluster: 'anywhere',
};

const tie = ({ code, by }: Cause): string => `[${code}](#${code.toLowerCase()}) ${ties[by]}`;

const unknowns: Readonly<Record<Exclude<Problem['explainsUnknown'], undefined>, string>> = {
  node: 'those of the same nodes',
  permission: 'of whatever may not be read',
};

const finding = (
  { message, severity, harm, mayFollowFrom, remedy, alternatives }: Variant,
  usual: Problem,
): string[] => [
  '',
  `> ${fillText(message, {})}${deviation(severity, harm, usual)}`,
  '',
  ...(mayFollowFrom === undefined ? [] : [`may follow from: ${mayFollowFrom.map(tie).join(', ')}`, '']),
  ...(remedy === undefined ? [] : remedyLines(remedy)),
  ...(alternatives ?? []).flatMap(alternativeLines),
];

/** ` (warning, a trap)`, as far as it is another than the problem's. */
function deviation(severity: Severity | undefined, harm: Harm | undefined, usual: Problem): string {
  const own = [
    ...(severity === undefined || severity === usual.severity ? [] : [severity]),
    ...(harm === undefined || harm === usual.harm ? [] : [harms[harm]]),
  ];
  return own.length === 0 ? '' : ` (${own.join(', ')})`;
}

const alternativeLines = (way: Alternative): string[] => [
  '',
  `Or ${fillText(way.title, {})}:`,
  '',
  ...remedyLines(way),
];

const remedyLines = ({ steps, check, undo }: Remedy): string[] => [
  ...steps.map((step, i) => `${i + 1}. ${stepText(step)}`),
  ...(check === undefined ? [] : [`- check: ${code(check)}`]),
  ...(undo === undefined ? [] : [`- undo: ${code(undo)}`]),
];

function stepText(step: RemedyStep): string {
  const { risk, where, precondition } = step;
  const command = usualCommand(step);
  return [
    `${fillText(usualText(step), {})}${places[where]}`,
    ...(command === undefined ? [] : [`: ${code(command)}`]),
    ...(precondition === undefined
      ? []
      : [`; only if ${fillText(precondition.text, {})}, which ${code(precondition.command)} proves`]),
    ...(risk === undefined ? [] : [`; risk: ${fillText(risk, {})}`]),
  ].join('');
}

/** Between more backticks than the command itself has in a row. */
function code(command: string): string {
  const text = fillText(command, {});
  const inside = [...text.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = '`'.repeat(Math.max(0, ...inside) + 1);
  const pad = inside.length > 0 ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);

if (import.meta.main) writeFileSync(pagePath, findingsPage());
