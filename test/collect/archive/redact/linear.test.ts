import { describe, expect, test } from 'vitest';
import { keyOf, Pseudonyms } from '../../../../src/collect/archive/redact/Pseudonyms.ts';
import { redactAnswer } from '../../../../src/collect/archive/redact/redactAnswer.ts';
import { redactCommand } from '../../../../src/collect/archive/redact/redactCommand.ts';
import { redactFreeText, redactProse } from '../../../../src/collect/archive/redact/redactFreeText.ts';
import { redactObjects } from '../../../../src/collect/archive/redact/redactObjects.ts';
import { redactOutput } from '../../../../src/collect/archive/redactForFile.ts';
import { blankText, maskSecrets, redactText } from '../../../../src/collect/redactText.ts';
import { answerNames } from '../../../../src/model/raw.ts';
import { slowWords } from '../../../support/hostileWords.ts';

const usual = 'the connection to host-7.example.com was refused\n';
const names = (): Pseudonyms => new Pseudonyms(keyOf('a key for tests'));

const redactors: readonly (readonly [name: string, redact: (text: string) => unknown])[] = [
  ['credentials', redactText],
  ['credentials, as long as before', blankText],
  ['messages of other programs', (text) => maskSecrets(text)],
  ['settings', (text) => redactFreeText(text, names())],
  ['sentences', (text) => redactProse(text, names())],
  ['commands', (text) => redactCommand(`kubectl get ${text}`, names())],
  ['objects', (text) => redactObjects('services', [{ metadata: { name: text }, message: text }], names())],
  [
    'configuration',
    (text) => redactObjects('ciliumConfig', { data: { x: `${text}\nname: ${text}`, y: text } }, names()),
  ],
  ...answerNames.map((answer): [string, (text: string) => unknown] => [
    `the answer ${answer}`,
    (text) =>
      redactAnswer(answer, { text: redactOutput(answer, text), stderr: text, exitCode: 0, command: '' }, names(), []),
  ]),
];

describe('text of any word is redacted in a time that is in proportion to its length', () => {
  test.each(redactors)('%s', (_, redact) => {
    expect(slowWords(usual, redact)).toEqual([]);
  });
});

/** Milliseconds of processor time of all redactors. */
function costOf(text: string): number {
  const before = process.cpuUsage().user;
  for (const [, redact] of redactors) redact(text);
  return (process.cpuUsage().user - before) / 1000;
}

const unended = (times: number): string => `-A X -m comment --comment "ifalias": "${'\\"'.repeat(times)}\\`;

test('a quotation that nothing ends, up to a last backslash', () => {
  costOf(unended(1000));
  expect(costOf(unended(20_000))).toBeLessThan(2000);
});
