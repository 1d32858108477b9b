import type { ObjectRef } from '../../core/Finding.ts';
import type { Harm, Severity } from '../../core/Problem.ts';
import { oldestOf, type Since, sinceWhen } from '../../core/Since.ts';
import { nameOf } from '../../remedy/valuesOf.ts';
import { lastedText } from '../lastedText.ts';
import type { FindingReport, ReportDocument } from '../ReportDocument.ts';
import type { Block, Effect } from './Outline.ts';

const severities: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };
const harms: Readonly<Record<Harm, number>> = { now: 0, trap: 1, note: 2 };

/** One block for each cause, the most harmful first; the order of findings decides between equals. */
export function blocksOf({ findings, takenAt }: Pick<ReportDocument, 'findings' | 'takenAt'>): readonly Block[] {
  const roots = rootsOf(findings);
  const families = alike(findings.filter((one) => one.effectOf === undefined));
  const familyOf = new Map(families.flatMap((family) => family.map((one) => [one, family] as const)));
  const effects = Map.groupBy(
    findings.filter(({ effectOf }) => effectOf !== undefined),
    (one) => familyOf.get(roots.get(one) ?? one),
  );
  return families.map((family) => blockOf(family, effects.get(family) ?? [], takenAt)).toSorted(byHarm);
}

type Several = readonly [FindingReport, ...FindingReport[]];

/** What each finding follows from at last; a cause stands before its effects. */
function rootsOf(findings: readonly FindingReport[]): ReadonlyMap<FindingReport, FindingReport> {
  const roots = new Map<FindingReport, FindingReport>();
  for (const one of findings) {
    const cause = one.effectOf === undefined ? undefined : findings[one.effectOf];
    roots.set(one, (cause && roots.get(cause)) ?? one);
  }
  return roots;
}

/**
 * Findings of one code that show in the same way, or are about the same object, whatever else their texts name. What is
 * alike by one of these is alike: six annotations of one Service, and a seventh of another Service that is wrong like
 * one of them.
 */
function alike(findings: readonly FindingReport[]): readonly Several[] {
  const joined = new Joined();
  for (const one of findings) joined.join(tiesOf(one));
  const families = Map.groupBy(findings, (one) => joined.nameOf(wayOf(one)));
  return [...families.values()].flatMap(([first, ...more]): Several[] =>
    first === undefined ? [] : [[first, ...more]],
  );
}

const wayOf = ({ code, variant, severity, harm }: FindingReport): string => `${code} ${variant} ${severity} ${harm}`;

const tiesOf = (one: FindingReport): readonly [string, ...string[]] => [
  wayOf(one),
  ...one.objects.map((object) => `${one.code} about ${nameOf(object)}`),
];

/** Names of which some are of one family. */
class Joined {
  readonly #to = new Map<string, string>();

  join([first, ...others]: readonly [string, ...string[]]): void {
    const name = this.nameOf(first);
    for (const other of others) {
      const known = this.nameOf(other);
      if (known !== name) this.#to.set(known, name);
    }
  }

  /** The name by which the family goes; the way to it gets shorter with each question. */
  nameOf(one: string): string {
    const next = this.#to.get(one);
    if (next === undefined) return one;
    const name = this.nameOf(next);
    this.#to.set(one, name);
    return name;
  }
}

function blockOf([lead, ...others]: Several, effects: readonly FindingReport[], takenAt: string): Block {
  const since = oldestOf([lead, ...others].map(sinceOf));
  const all = [lead, ...others, ...effects];
  return {
    severity: worst(all, ({ severity }) => severity, severities),
    harm: worst(all, ({ harm }) => harm, harms),
    isOutage: all.some(isOutage),
    lasted: since === undefined ? undefined : lastedText(since, takenAt),
    lead,
    others,
    effects: [...Map.groupBy(effects, ({ code }) => code).values()].flatMap(effectOf).toSorted(byHarm),
  };
}

const sinceOf = ({ since, sinceBound }: FindingReport): Since | undefined => sinceWhen(since, sinceBound);

const isOutage = ({ outage, harm }: FindingReport): boolean => outage === true && harm === 'now';

function worst<T, V extends string>(all: readonly T[], of: (one: T) => V, ranks: Readonly<Record<V, number>>): V {
  const values = all.map(of);
  return values.reduce((a, b) => (ranks[b] < ranks[a] ? b : a));
}

function effectOf([first, ...more]: readonly FindingReport[]): Effect[] {
  if (first === undefined) return [];
  const all = [first, ...more] as const;
  return [
    {
      code: first.code,
      severity: worst(all, ({ severity }) => severity, severities),
      harm: worst(all, ({ harm }) => harm, harms),
      isOutage: all.some(isOutage),
      text: commonText(all),
      nodes: [...new Set(all.flatMap(({ nodes }) => nodes))],
      objects: distinct(all.flatMap(({ objects }) => objects)),
      findings: all,
    },
  ];
}

/** The message of one, or of all if it is the same; else the few words that all share. */
export function commonText([first, ...more]: Several): string {
  if (more.every(({ message }) => message === first.message)) return first.message;
  return more.every(({ brief }) => brief === first.brief) ? first.brief : first.title;
}

export const distinct = (objects: readonly ObjectRef[]): readonly ObjectRef[] => [
  ...new Map(objects.map((one) => [nameOf(one), one])).values(),
];

type Harmful = Pick<Block, 'severity' | 'harm' | 'isOutage'>;

const byHarm = (a: Harmful, b: Harmful): number =>
  Number(b.isOutage) - Number(a.isOutage) ||
  harms[a.harm] - harms[b.harm] ||
  severities[a.severity] - severities[b.severity];
