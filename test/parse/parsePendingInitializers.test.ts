import { describe, expect, test } from 'vitest';
import { recorded } from './recorded.ts';
import { parsePendingInitializers } from '../../src/parse/parsePendingInitializers.ts';

const table = (...rows: readonly (readonly [string, string])[]): string =>
  [['Name', 'Initializers'] as const, ...rows]
    .map(([name, initializers], at) =>
      [
        name.padEnd(20),
        at === 0 ? 'Object count' : '12          ',
        initializers.padEnd(40),
        at === 0 ? 'Go type' : 'T',
      ].join('   '),
    )
    .join('\n');
const rows = (pending: string, of = 'frontends') =>
  table(['backends', '[]'], [of, pending], ['health', '[x y]'], ['services', '[]']);

test('an agent that has long been up waits for nothing', () => {
  const text = recorded('1.19.6', 'db.txt');
  expect(parsePendingInitializers(text)).toEqual({ ok: true, value: [] });
  const waiting = text.replace(/^(frontends .*?)\[\] {13}/m, '$1[k8s-endpoints]');
  expect(waiting).not.toBe(text);
  expect(parsePendingInitializers(waiting)).toMatchObject({ value: ['k8s-endpoints'] });
});

describe('what the tables of load balancing wait for', () => {
  test.each([
    ['nothing', '[]', []],
    ['one thing', '[k8s-endpoints]', ['k8s-endpoints']],
    ['several', '[k8s-services k8s-endpoints]', ['k8s-services', 'k8s-endpoints']],
  ])('%s', (_, pending, value) => {
    expect(parsePendingInitializers(rows(pending))).toEqual({ ok: true, value });
  });

  test('what all of them wait for is said once', () => {
    const text = table(['backends', '[clustermesh]'], ['frontends', '[clustermesh]'], ['services', '[clustermesh]']);
    expect(parsePendingInitializers(text)).toEqual({ ok: true, value: ['clustermesh'] });
  });

  test('other tables do not matter, and an agent without these waits for nothing', () => {
    expect(parsePendingInitializers(table(['health', '[x]']))).toEqual({ ok: true, value: [] });
  });

  test.each(['', 'error: connection refused', 'Name\nx'])('anything else is not understood: %j', (text) => {
    expect(parsePendingInitializers(text).ok).toBe(false);
  });
});
