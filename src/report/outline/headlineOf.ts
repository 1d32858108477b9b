import { listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import type { FindingReport, ReportDocument } from '../ReportDocument.ts';
import { noneRead } from '../coverage.ts';
import { isInconclusive } from '../against/isInconclusive.ts';
import type { Block, Headline } from './Outline.ts';

/** Causes that a headline names; the others are counted. */
const named = 2;

/** A person who reads nothing else knows from it what is broken. */
export function headlineOf(report: ReportDocument, causes: readonly Block[], notes: readonly Block[]): Headline {
  const word = words[report.verdict] + (report.verdict === 'pass' && causes.length > 0 ? ' WITH WARNINGS' : '');
  // What --fail-on info makes fail is a note.
  const blocks = causes.length === 0 && report.verdict === 'fail' ? notes : causes;
  const phrases = [...new Set(blocks.map((block) => phraseOf(block, report) + durationOf(block)))];
  const [leading] = blocks;
  const { lost, kept } = asBefore(report);
  const { nodes } = report.coverage;
  // Why nothing could be read is what was found then.
  const nothing = report.verdict === 'error' && leading !== undefined && nodes.covered > 0 ? [noneRead(nodes)] : [];
  const changed = notCounted(report);
  const rest = nothing.length > 0 ? [] : unfinished(report, notes);
  if (leading === undefined) {
    const found = [...(isOpen(report) ? ['nothing wrong was found'] : []), ...rest].join(', but ');
    const said = isOpen(report) ? [...lost, found, ...changed, ...kept] : [...lost, ...kept, found, ...changed];
    const text = said.filter((part) => part !== '').join('; ');
    return { word, text, short: text };
  }
  const more = phrases.length - named;
  const parts = [
    ...phrases.slice(0, named),
    ...(more > 0 ? [`${more} more`] : []),
    ...harmOf(blocks.slice(0, named), report),
  ];
  return {
    word,
    text: [...lost, ...nothing, ...parts, ...changed, ...rest, ...kept].join('; '),
    short: [
      ...lost,
      ...nothing,
      phraseOf(leading, report) + (phrases.length > 1 ? `, and ${phrases.length - 1} more` : ''),
      ...changed,
      ...rest,
    ].join('; '),
  };
}

const words: Readonly<Record<ReportDocument['verdict'], string>> = {
  fail: 'FAIL',
  pass: 'PASS',
  unknown: 'UNKNOWN',
  interrupted: 'INTERRUPTED',
  error: 'ERROR',
};

const isOpen = ({ verdict }: ReportDocument): boolean => verdict === 'unknown' || verdict === 'interrupted';

/** ` (for about 5 minutes)` */
const durationOf = ({ lasted }: Block): string => (lasted === undefined ? '' : ` (${lasted})`);

function phraseOf({ lead, others }: Block, report: ReportDocument): string {
  const same = others.every(({ brief }) => brief === lead.brief);
  return (same ? lead.brief : lead.title) + whereOf([lead, ...others], report);
}

/** ` on n1 and n2`; nothing where it is about no node, or the words name it already. */
function whereOf(findings: readonly FindingReport[], { coverage: { nodes: all } }: ReportDocument): string {
  const nodes = [...new Set(findings.flatMap(({ nodes }) => nodes))];
  if (nodes.length === 0) return '';
  if (nodes.length > 2 && nodes.length === all.covered)
    return ` on all ${count(nodes.length, 'node')}${all.notSelected.length > 0 ? ' that were looked at' : ''}`;
  return ` on ${listNames(nodes)}`;
}

/** What the first causes bring about that is worse than they sound, and which Services they harm. */
function harmOf(blocks: readonly Block[], report: ReportDocument): string[] {
  const worse = blocks.flatMap(({ effects, lead }) => {
    const outages = effects.filter(({ isOutage }) => isOutage);
    return outages.length > 0 || lead.harm === 'now'
      ? outages
      : effects.filter(({ harm }) => harm === 'now').slice(0, 1);
  });
  const services = harmedServices(blocks);
  return [
    ...worse.map(({ findings: [first, ...more] }) => first.brief + whereOf([first, ...more], report)),
    ...(services.length === 0 ? [] : [`hits ${listNames(services)}`]),
  ];
}

/** Those that no words name yet: where it is the outage of a Service, its brief says so. */
function harmedServices(blocks: readonly Block[]): readonly string[] {
  const findings = blocks.flatMap(({ lead, others, effects }) =>
    [lead].concat(
      others,
      effects.flatMap((effect) => effect.findings),
    ),
  );
  const named = new Set(findings.filter(({ outage }) => outage === true).flatMap(servicesOf));
  const harmed = findings.filter(({ harm, severity }) => harm === 'now' && severity !== 'info').flatMap(servicesOf);
  return [...new Set(harmed)].filter(
    (name) => !named.has(name) && !blocks.some(({ lead }) => lead.brief.includes(name)),
  );
}

const servicesOf = ({ objects }: FindingReport): string[] =>
  objects.flatMap(({ kind, namespace = '', name }) => (kind === 'Service' ? [`${namespace}/${name}`] : []));

/** The comparison with an earlier time: what is lost stands first, what is kept where it is the best news. */
function asBefore({ against }: ReportDocument): { readonly lost: readonly string[]; readonly kept: readonly string[] } {
  if (against === undefined) return { lost: [], kept: [] };
  const { total, counts } = against.services;
  const names = [...new Set(against.lost.map(({ service }) => service))];
  if (names.length > 0)
    return { lost: [`${count(names.length, 'Service')} (${listNames(names)}) not served as before`], kept: [] };
  const reach = counts.same + counts.endpoints + counts.service;
  return {
    lost: [],
    kept: total === 0 ? [] : [`${reach} of ${count(total, 'Service')} reach the same backends as before`],
  };
}

/** What was found and does not count, or counts alone. */
function notCounted({ suppressions, baseline }: ReportDocument): string[] {
  const hidden = suppressions?.suppressed.length ?? 0;
  return [
    ...(hidden === 0 ? [] : [`${count(hidden, 'finding')} suppressed`]),
    ...(baseline?.failOnNew === true ? [`${baseline.new} new since the baseline`] : []),
  ];
}

/** What stands beside what was found, or in its place. */
function unfinished(report: ReportDocument, notes: readonly Block[]): string[] {
  const { verdict, error, summary, against, coverage } = report;
  const unknown = [
    ...(summary.inconclusive === 0 ? [] : [count(summary.inconclusive, 'check')]),
    ...(against !== undefined && isInconclusive(against) ? ['the comparison with before'] : []),
  ];
  const open = unknown.length === 0 ? [] : [`${unknown.join(' and ')} could not be judged everywhere`];
  const unseen = notLookedAt(coverage);
  switch (verdict) {
    case 'fail':
      return unseen;
    case 'pass':
      return summary.findings.error + summary.findings.warning > 0 ? unseen : [...healthy(coverage, notes), ...unseen];
    case 'unknown':
      return [[...open, ...unseen].join(', and ') || 'nothing was judged'];
    case 'interrupted':
      return ['the rest is unknown'];
    case 'error':
      return error === undefined ? [] : [error.message];
    default:
      return verdict satisfies never;
  }
}

/** What a sample or lost shards tell nothing of. */
const notLookedAt = ({ nodes: { sample, covered, notSelected, lostShards } }: ReportDocument['coverage']): string[] => [
  ...(sample === undefined || notSelected.length === 0
    ? []
    : [`${notSelected.length} of ${count(covered + notSelected.length, 'node')} were not looked at`]),
  ...(lostShards === undefined ? [] : [`${count(lostShards.length, 'shard')} left nothing`]),
];

const healthy = ({ nodes }: ReportDocument['coverage'], notes: readonly Block[]): string[] => [
  `nothing wrong on ${count(nodes.read, 'node')}${notes.length === 0 ? '' : `; ${count(notes.length, 'note')}`}`,
];
