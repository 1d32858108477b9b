// `npm run incidents`: how many public reports each code tells, and which are missed.
import { incidents } from './index.ts';
import { type Incident, type Outcome, unseenReasons } from './Incident.ts';

export const outcomeCounts = (all: readonly Incident[]): Readonly<Record<Outcome['kind'], number>> => {
  const counts = { seen: 0, control: 0, planned: 0, missed: 0, unseen: 0 };
  for (const { outcome } of all) counts[outcome.kind] += 1;
  return counts;
};

/** Lines for a person: the share of each code, then what no check tells, and why. */
export function incidentsSummary(all: readonly Incident[] = incidents): readonly string[] {
  const { seen, control, planned, missed, unseen } = outcomeCounts(all);
  const visible = all.length - control - unseen;
  return [
    `${all.length} reports; ${visible} can be seen from outside, and ${seen} of them are told (${share(seen, visible)})`,
    `${control} healthy states that look odd: nothing is said of them`,
    '',
    'told by',
    ...byCode(all, 'seen').map(
      ([code, some]) => `  ${code}  ${String(some.length).padStart(3)}  ${share(some.length, visible)}`,
    ),
    '',
    `waiting for a reserved code: ${planned}`,
    ...byCode(all, 'planned').map(
      ([code, some]) => `  ${code}  ${String(some.length).padStart(3)}  ${sourcesOf(some)}`,
    ),
    '',
    `missed: ${missed}`,
    ...byCode(all, 'missed').map(([code, some]) => `  ${code}  ${String(some.length).padStart(3)}  ${sourcesOf(some)}`),
    '',
    `not to be seen from outside: ${unseen}`,
    ...Object.entries(unseenReasons).flatMap(([reason, words]) => {
      const some = all.filter(({ outcome }) => outcome.kind === 'unseen' && outcome.reason === reason);
      return some.length === 0 ? [] : [`  ${String(some.length).padStart(3)}  ${words}: ${sourcesOf(some)}`];
    }),
  ];
}

const share = (part: number, whole: number): string => `${whole === 0 ? 0 : Math.round((100 * part) / whole)} %`;

const sourcesOf = (some: readonly Incident[]): string => some.map(({ sources }) => sources[0]).join(', ');

function byCode(
  all: readonly Incident[],
  kind: 'seen' | 'planned' | 'missed',
): readonly (readonly [string, readonly Incident[]])[] {
  const some = all.filter(({ outcome }) => outcome.kind === kind);
  return [...Map.groupBy(some, ({ outcome }) => ('code' in outcome ? outcome.code : ''))].toSorted(([a], [b]) =>
    a.localeCompare(b),
  );
}

if (import.meta.main) process.stdout.write(`${incidentsSummary().join('\n')}\n`);
