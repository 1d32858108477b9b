import type { Elsewhere, FoundValues } from '../../values/findValues.ts';
import type { ValuesJudgement } from '../../values/judgeValues.ts';
import type { KeyPlace } from '../../values/PlacedValues.ts';
import type { KeyVerdict, VerdictKind } from '../../values/KeyVerdict.ts';
import { withoutMasks } from '../../values/placeholders.ts';
import type { Code } from '../../knowledge/codes.ts';
import type { KeyReport, PreflightVerdict, ValuesReport, ValuesTarget } from './PreflightDocument.ts';

export interface JudgedTarget {
  readonly branch: string;
  readonly judgement: ValuesJudgement;
}

export const buildValuesReport = (
  sources: readonly Pick<FoundValues, 'file' | 'within'>[],
  elsewhere: readonly Elsewhere[],
  targets: readonly JudgedTarget[],
): ValuesReport => ({
  sources: sources.map(({ file, within }) => ({ file, within: within ?? null })),
  notRead: elsewhere.map(({ file, what }) => `${what} (${file})`),
  targets: targets.map(targetOf),
});

function targetOf({ branch, judgement }: JudgedTarget): ValuesTarget {
  const keys = judgement.verdicts.map(keyOf).toSorted(byPlace);
  return { branch, chart: judgement.version, verdict: verdictOf(keys), keys };
}

const verdictOf = (keys: readonly KeyReport[]): PreflightVerdict =>
  keys.some(({ severity }) => severity === 'error')
    ? 'noGo'
    : keys.some(({ severity }) => severity === 'unknown')
      ? 'unknown'
      : 'go';

/** The codes of `kubectl kpr explain`. */
const codeOf: Readonly<Record<VerdictKind, Code | null>> = {
  removed: 'KPR7001',
  renamed: 'KPR7001',
  deprecated: 'KPR7001',
  wrongValue: 'KPR7001',
  unknown: 'KPR7002',
  wrongType: 'KPR7003',
  refusedCombination: 'KPR7003',
  conditional: 'KPR7003',
  agentRefuses: 'KPR7003',
  kprDoubt: 'KPR7003',
  behaviour: 'KPR7004',
  placeholder: null,
};

const keyOf = ({ key, kind, severity, refused, place, message, right }: KeyVerdict): KeyReport => ({
  key,
  kind,
  code: codeOf[kind],
  severity,
  refused,
  place: placeOf(place),
  message: withoutMasks(message),
  right: right === undefined ? null : withoutMasks(right),
});

function placeOf(place: KeyPlace | undefined): KeyReport['place'] {
  if (place === undefined) return null;
  return place.kind === 'file'
    ? { file: place.file, line: place.line, column: place.column }
    : { file: `${place.flag} ${place.text}`, line: 0, column: 0 };
}

/** Files in the order in which they were given; what is written nowhere last. */
function byPlace(one: KeyReport, other: KeyReport): number {
  if (one.place === null || other.place === null) return Number(one.place === null) - Number(other.place === null);
  return one.place.file === other.place.file
    ? one.place.line - other.place.line || one.place.column - other.place.column
    : 0;
}
