import { expect, test } from 'vitest';
import { redactOutput } from '../../src/collect/archive/redactForFile.ts';
import { parseIptablesSave } from '../../src/parse/parseIptablesSave.ts';
import { readTable } from '../../src/parse/readTable.ts';
import { secondsOf } from '../../src/parse/secondsOf.ts';

/** One node may say as much in one line; what is made of it may be anything, but it ends nobody's run. */
const long = 1e7;
const endless = (text: string): string => text.repeat(long / text.length);
const headings = 'Address   Type   ServiceName   Status   Error';

test.each<[string, () => unknown]>([
  ['headings', () => readTable(`${headings}   ${endless('a ')}\n`, ['Address'])],
  ['times', () => secondsOf(endless('1s'))],
  ['comments', () => parseIptablesSave(`*nat\n-A X -m comment --comment "${endless('a')}" -j Y\nCOMMIT\n`)],
  ['texts that are left out of captures', () => redactOutput('status', `msg="${endless('a')}`)],
])('%s of ten million letters do not overflow', (_, read) => {
  expect(read).not.toThrow();
});

const ruleOf = (letters: number): string => `*nat\n-A X -m comment --comment "${'a'.repeat(letters)}" -j Y\nCOMMIT\n`;

test('what is longer than any rule is none', () => {
  expect(parseIptablesSave(ruleOf(255)).ok).toBe(true);
  expect(parseIptablesSave(ruleOf(100_000)).ok).toBe(false);
});
