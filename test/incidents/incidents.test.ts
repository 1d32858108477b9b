import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import type { Incident } from './Incident.ts';
import { incidentFiles, incidents } from './index.ts';
import { alarmsIn, findingsIn, said } from './judge.ts';
import { incidentsPage, pagePath } from './page.ts';
import { cluster } from './scene.ts';
import { incidentsSummary } from './summary.ts';

const named = (one: Incident): string => `${one.sources[0]}: ${one.title}`;

const hasScene = ({ outcome }: Incident): boolean => outcome.kind === 'seen' || outcome.kind === 'control';

describe.each(Object.entries(incidentFiles).filter(([, all]) => all.some(hasScene)))('%s', (_, all) => {
  for (const incident of all) {
    const { outcome } = incident;
    if (outcome.kind === 'seen') {
      const { code, about, scenario, sibling } = outcome;
      test(named(incident), () => {
        expect(findingsIn(scenario).map(said)).toContain(`${code} ${about}`.trim());
        expect(findingsIn(sibling).map(said)).not.toContainEqual(expect.stringMatching(`^${code}\\b`));
        expect(alarmsIn(sibling).map(said)).toEqual([]);
      });
    }
    if (outcome.kind === 'control')
      test(named(incident), () => {
        expect(alarmsIn(outcome.scenario).map(said)).toEqual([]);
      });
  }
});

test('the cluster from which all of them are made is healthy', () => {
  expect(findingsIn(cluster()).map(said)).toEqual([]);
});

const scenes = incidents.flatMap((one) =>
  one.outcome.kind === 'seen' || one.outcome.kind === 'control' ? [[named(one), one.outcome.scenario] as const] : [],
);
const textOf = (snapshot: Snapshot): string => createHash('sha256').update(serialize(snapshot)).digest('hex');

test('no two incidents are one scenario', () => {
  const twins = [...Map.groupBy(scenes, ([, scenario]) => textOf(scenario)).values()].filter(
    ({ length }) => length > 1,
  );
  expect(twins.map((some) => some.map(([name]) => name))).toEqual([]);
});

test('no incident is told twice', () => {
  const names = incidents.map(named);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test('docs/incidents.md says what the incidents say (npm run docs)', () => {
  expect(readFileSync(pagePath, 'utf8')).toBe(incidentsPage());
});

test('the summary counts each incident once', () => {
  const [seen, control] = incidents.filter(({ outcome }) => outcome.kind === 'seen').slice(0, 2);
  const unseen = incidents.find(({ outcome }) => outcome.kind === 'unseen');
  const some = [seen, control, unseen].flatMap((one) => one ?? []);
  expect(incidentsSummary(some)[0]).toBe('3 reports; 2 can be seen from outside, and 2 of them are told (100 %)');
});
