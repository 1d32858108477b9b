import { expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import type { Problem } from '../../src/core/Problem.ts';
import { problemTexts } from '../support/problemTexts.ts';
import { commandsOf, stepsOf } from '../support/remediesOf.ts';
import { problems } from '../../checks/problems.ts';

const all: readonly (readonly [string, Problem])[] = [...problems];

const ids = new Set(checks.map(({ id }) => id));
const named = all.flatMap(([code, { variants }]) =>
  Object.values(variants).flatMap((variant) =>
    commandsOf(variant).flatMap((command) =>
      [...command.matchAll(/(doctor|verify) --check ([\w,-]+)/g)].flatMap(([, phase = '', list = '']) =>
        list.split(',').map((id) => ({ code, phase, id })),
      ),
    ),
  ),
);

test('checks that remedies name exist', () => {
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(({ id }) => !ids.has(id))).toEqual([]);
});

test('they are checks of the command that the remedies say', () => {
  const phases = new Map<string, readonly string[]>(checks.map(({ id, phases }) => [id, phases]));
  expect(named.filter(({ id, phase }) => phases.get(id)?.includes(phase) !== true)).toEqual([]);
});

test('ids are told apart', () => {
  expect(ids.size).toBe(checks.length);
});

test('nothing is left to be written', () => {
  const texts = [...problemTexts()].map(({ code, field, text }) => `${code} ${field}: ${text}`);
  const titles = checks.map(({ id, title }) => `${id}: ${title}`);
  expect([...texts, ...titles].filter((text) => /TODO/.test(text))).toEqual([]);
});

test.each(all.map(([code]) => code))('%s speaks in whole texts', (code) => {
  const problem = all.find(([name]) => name === code)?.[1];
  const variants = Object.values(problem?.variants ?? {});
  expect(variants.length).toBeGreaterThan(0);
  for (const variant of variants) {
    expect(variant.message).not.toMatch(/\.$/);
    // Information may be nothing to act on.
    if ((variant.severity ?? problem?.severity) !== 'info') expect(stepsOf(variant).length).toBeGreaterThan(0);
    for (const { text } of stepsOf(variant)) expect(text).not.toMatch(/\.$/);
  }
});

test.each(all)('%s goes into a headline', (_, { brief, variants }) => {
  for (const text of [brief, ...Object.values(variants).flatMap((variant) => variant.brief ?? [])]) {
    expect(text.length).toBeLessThanOrEqual(72);
    // It goes on from other words, and goes on with where it is.
    expect(text).not.toMatch(
      /^(?:A|An|The|No|Some|Something|Nobody|Nothing|Nodes|Agents)\b|[.:]$|\bon (?:a|the|this) node\b/,
    );
  }
});

test('what brings something about is known by the ways in which it shows', () => {
  const unknown = all.flatMap(([code, { mayFollowFrom = [], variants }]) =>
    [mayFollowFrom, ...Object.values(variants).map((one) => one.mayFollowFrom ?? [])]
      .flat()
      .flatMap((cause) =>
        (cause.variants ?? [])
          .filter((name) => problems.get(cause.code)?.variants[name] === undefined)
          .map((name) => `${code} from ${cause.code} ${name}`),
      ),
  );
  expect(unknown).toEqual([]);
});

/** Words in capitals that a person is to replace, but for what programs call so themselves. */
const toReplace = (command: string): string[] =>
  [...command.matchAll(/(?<![\w{"'.=/-])[A-Z][A-Z_]{3,}(?![\w}])|(?<==)[A-Z][A-Z_]{2,}(?![\w}])/g)]
    .map(([word]) => word)
    .filter((word) => !/^KUBERNETES_SERVICE_(HOST|PORT)$/.test(word));

test.each(all)('what a person has to fill in for %s is a decision', (_, { variants }) => {
  const steps = Object.values(variants).flatMap((variant) => stepsOf(variant));
  const open = steps.filter(({ command, decision }) => decision === undefined && toReplace(command ?? '').length > 0);
  expect(open).toEqual([]);
});
