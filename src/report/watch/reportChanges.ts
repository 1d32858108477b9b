import { detailsOf, reasonsOf } from '../outline/reasonsOf.ts';
import type { Severity } from '../../core/Problem.ts';
import { nameOf } from '../../remedy/valuesOf.ts';
import { listNames } from '../../text/names.ts';
import { commonText, distinct } from '../outline/blocksOf.ts';
import { outlineOf } from '../outline/outlineOf.ts';
import type { FindingReport, ReportDocument } from '../ReportDocument.ts';

/** What is otherwise than at the look before: a line each. */
export interface ReportChange {
  /** `verdict`: what was found has changed as a whole; it says how it stands now. */
  readonly kind: 'added' | 'gone' | 'verdict';
  readonly mark: Severity | 'ok' | 'unknown';
  readonly text: string;
  /** Of a finding. */
  readonly code?: string;
}

/**
 * What is new and what is gone between two looks, then how it stands if that has changed. Numbers and times in
 * sentences do not make a change: a finding is known by its code, its way to show, how bad it is, its nodes and its
 * objects.
 *
 * @param before undefined: this is the first look, so that everything came
 */
export function reportChanges(before: ReportDocument | undefined, after: ReportDocument): readonly ReportChange[] {
  return [
    ...foundChanges('added', newFindings(after, before)),
    ...unknownChanges('added', after, before),
    ...(before === undefined
      ? []
      : [...foundChanges('gone', newFindings(before, after)), ...unknownChanges('gone', before, after)]),
    ...verdictChange(before, after),
  ];
}

/** Those of a report that are not in another one, each with the nodes on which it is new. */
export function newFindings(
  { findings }: ReportDocument,
  other: ReportDocument | undefined,
): readonly (readonly [FindingReport, nodes: readonly string[]])[] {
  const known = new Set(other?.findings.flatMap(placesOf));
  return findings.flatMap((one) => {
    const places = placesOf(one);
    const added = one.nodes.filter((_, i) => !known.has(places[i] ?? ''));
    return places.every((place) => known.has(place)) ? [] : [[one, added] as const];
  });
}

/** One for each node. */
function placesOf({ code, variant, severity, nodes, objects }: FindingReport): readonly string[] {
  const names = objects.map(nameOf);
  return (nodes.length === 0 ? [''] : nodes).map((node) => JSON.stringify([code, variant, severity, node, ...names]));
}

function foundChanges(kind: 'added' | 'gone', found: ReturnType<typeof newFindings>): readonly ReportChange[] {
  const groups = Map.groupBy(found, ([{ code, variant, severity }]) => `${code} ${variant} ${severity}`);
  return [...groups.values()].flatMap((group): ReportChange[] => {
    const [first, ...more] = group.map(([finding]) => finding);
    if (first === undefined) return [];
    const all = [first, ...more] as const;
    const message = commonText(all);
    const names = distinct(all.flatMap(({ objects }) => objects))
      .map(nameOf)
      .filter((name) => !message.includes(name.split(' ').at(-1) ?? name));
    const nodes = [...new Set(group.flatMap(([, added]) => added))];
    const text = `${nodes.length === 0 ? '' : `${listNames(nodes)}: `}${message}${names.length === 0 ? '' : `: ${listNames(names)}`}`;
    return [{ kind, mark: first.severity, text, code: first.code }];
  });
}

/** Checks that cannot judge, or can again: one line, since most of them have one reason. */
function unknownChanges(
  kind: 'added' | 'gone',
  { checks }: ReportDocument,
  other: ReportDocument | undefined,
): readonly ReportChange[] {
  const known = new Set(other?.checks.filter(({ unknown }) => unknown.length > 0).map(({ id }) => id));
  const open = checks.filter(({ id, unknown }) => unknown.length > 0 && !known.has(id));
  const reasons = reasonsOf(detailsOf(open.flatMap(({ unknown }) => unknown)));
  if (reasons.length === 0) return [];
  const ids = listNames(open.map(({ id }) => id));
  return [{ kind, mark: 'unknown', text: `${ids} could not judge everything (${reasons.join('; ')})` }];
}

const verdictMarks = { pass: 'ok', fail: 'error', unknown: 'unknown', interrupted: 'unknown', error: 'error' } as const;

/** The headline without how long it is so, which changes with each look. */
function timeless(report: ReportDocument): string {
  const findings = report.findings.map(({ since: _since, sinceBound: _bound, ...one }) => one);
  const { word, text } = outlineOf({ ...report, findings }).headline;
  return `${word}: ${text}`;
}

function verdictChange(before: ReportDocument | undefined, after: ReportDocument): readonly ReportChange[] {
  const { word, text } = outlineOf(after).headline;
  if (before !== undefined && timeless(before) === timeless(after)) return [];
  return [{ kind: 'verdict', mark: verdictMarks[after.verdict], text: `${word}: ${text}` }];
}
