import { describe, expect, test } from 'vitest';
import { chartOf, formerKeys } from '../../src/knowledge/charts/index.ts';
import { newestBranch } from '../../src/knowledge/releases.ts';
import { findValues } from '../../src/values/findValues.ts';
import { judgeUnknown } from '../../src/values/judgeUnknown.ts';
import { maskPlaceholders } from '../../src/values/placeholders.ts';
import { readYaml } from '../../src/values/readYaml.ts';
import { readChart } from '../../src/values/renderChart.ts';
import { judged } from './support.ts';

const table = await chartOf(newestBranch);
const chart = readChart(table);
const former = await formerKeys();

/** What the command does with a file before templates see it. */
function read(text: string) {
  const found = findValues(readYaml(text, 'values.yaml'), 'values.yaml', table.keys);
  return found.values.map(({ tree }) => judgeUnknown(tree, chart, former));
}

const application = (...parameters: object[]): string =>
  JSON.stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'cilium' },
    spec: { source: { chart: 'cilium', helm: { parameters } } },
  });
const lines = (length: number, line: (i: number) => string): string =>
  Array.from({ length }, (_, i) => line(i)).join('');

/** Each of them has kept the program for minutes, or ended it. A second is a hundred times what they take. */
describe('values that somebody made to hold the program', { timeout: 5000 }, () => {
  test.each([
    [
      'aliases of aliases',
      `a0: &a0 {x: 1}\n${lines(60, (i) => `a${i + 1}: &a${i + 1} {y: *a${i}, z: *a${i}}\n`)}`,
      'more than',
    ],
    [
      'merges of merges',
      `m0: &m0 {x: 1}\n${lines(300, (i) => `m${i + 1}: &m${i + 1}\n  <<: [${lines(i + 1, (j) => `*m${j}, `)}]\n`)}`,
      'more than',
    ],
    ['an alias within what it names', 'a: &a\n  b: *a\n', 'nested'],
    ['a merge within what it names', 'a: &a\n  <<: *a\n', 'nested'],
    ['lists in lists', `a: ${'['.repeat(200_000)}${']'.repeat(200_000)}\n`, 'nested'],
    ['maps in maps', lines(200, (i) => `${' '.repeat(i)}a:\n`), 'nested'],
    ['keys without end', lines(200_000, (i) => `k${i}: 1\n`), 'more than'],
    ['keys that no chart has', lines(15_000, (i) => `k${i}: 1\n`), 'none of Cilium'],
    ['values below many keys', lines(5000, (i) => `cilium${i}: {kubeProxyReplacement: true}\n`), 'places'],
    [
      'many parameters',
      application(...Array.from({ length: 2000 }, (_, i) => ({ name: `a.b${i}`, value: 'x' }))),
      'places',
    ],
    ['a parameter that is deep', application({ name: `a${'.b'.repeat(100_000)}`, value: 'x' }), 'nested'],
    ['a parameter in lists', application({ name: `a${'[1]'.repeat(100_000)}`, value: 'x' }), 'nested'],
    ['a parameter whose index is none', application({ name: `a${'[1]'.repeat(100_000)}x`, value: 'x' }), 'brackets'],
    ['a parameter without a name', application({ name: '', value: 'x' }), 'NAME=VALUE'],
  ])('%s', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  test.each([
    ['a key that is long', `? ${'kubeProxy'.repeat(50_000)}\n: 1\n`],
    ['names of objects', '__proto__: {a: 1}\nconstructor: {prototype: {a: 1}}\ntoString: 1\nhubble: {}\n'],
  ])('%s', (_, text) => {
    expect(read(text)).toHaveLength(1);
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
  });
});

const manyOf = (line: (i: number) => string): string => lines(490, line);

/** Each key that no chart has is compared with all that it has, and tried with its templates. */
test.each([
  ['below a key that is refused', `encryption:\n  keyFile: a\n${manyOf((i) => `  k${i}: true\n`)}`, 1],
  ['all of them misspelt', manyOf((i) => `kubeProxyReplacemen${i}: true\n`), 0],
  ['all of them a switch', `k8s:\n${manyOf((i) => `  requireIPv4PodCID${i}: true\n`)}`, 0],
])('five hundred keys that there are not, %s', { timeout: 20_000 }, async (_, text, refused) => {
  const before = process.cpuUsage();
  const { verdicts } = await judged(text);
  const { user, system } = process.cpuUsage(before);
  expect(verdicts.length).toBeGreaterThanOrEqual(490);
  expect(verdicts.filter((one) => one.refused)).toHaveLength(refused);
  // They took five seconds; half of one is usual.
  expect((user + system) / 1e6).toBeLessThan(2.5);
});

test('beginnings of placeholders without an end', { timeout: 5000 }, () => {
  const text = `a: ${'{{ '.repeat(100_000)}\nb: ${'<%= '.repeat(100_000)}}}\nc: {{ x }} {{`;
  expect(maskPlaceholders(text)).toBe(text.replace('{{ x }}', '\uE000'.repeat(7)));
});

test('a key twice in a map is refused where it stands', () => {
  expect(() => readYaml('hubble:\n  a: 1\n  a: 2\n', 'values.yaml')).toThrow(
    expect.objectContaining({ message: 'the key stands twice in its map', line: 3, column: 3 }),
  );
});

test('an alias is the last node before it that has its name', () => {
  const [document] = readYaml('a: &x 1\nb: *x\nc: &x 2\nd: *x\n', 'values.yaml');
  expect(document?.value).toEqual({ a: 1, b: 1, c: 2, d: 2 });
});
