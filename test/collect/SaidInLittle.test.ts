import { describe, expect, test } from 'vitest';
import { SaidInLittle } from '../../src/collect/SaidInLittle.ts';
import type { RawAnswer } from '../../src/model/raw.ts';
import { KnownRows } from '../../src/parse/digest/KnownRows.ts';
import { printMapDump } from '../support/mapDump.ts';
import { sayDigest, sha256 } from '../support/sayDigest.ts';

const dump = printMapDump({
  rows: [{ address: '10.97.0.1', port: 80, id: 1, flags: 0, slots: [1] }],
  backends: [{ id: 1, address: '10.128.0.1', port: 8080 }],
});
const answer = (text: string, exitCode = 0): RawAnswer => ({ text, stderr: '', exitCode, command: 'c' });
const asked = (): SaidInLittle => new SaidInLittle(new KnownRows(sha256), 'kpr-1');
const little = (one: SaidInLittle): string => sayDigest(dump, [...one.words.maps]);

describe('what nodes say in little', () => {
  test('is believed where it fits the question', () => {
    const one = asked();
    expect(one.doubtOfMaps(new Map([['lbDump', answer(little(one))]]))).toBeUndefined();
  });

  test('is doubtful where it was made for another, or was changed', () => {
    const [one, other] = [asked(), new SaidInLittle(new KnownRows(sha256), 'kpr-2')];
    const changed = little(one).replace(/[0-9a-f]{64}/, '0'.repeat(64));
    for (const text of [changed, little(other)])
      expect(one.doubtOfMaps(new Map([['lbDump', answer(text)]]))).toMatch(/^its digest|^it speaks/);
  });

  test.each<[string, RawAnswer | undefined]>([
    ['nothing was said', undefined],
    ['it is missing', { missing: 'timeout', detail: 'no answer', command: 'c' }],
    ['the program failed', answer('digest 1 x', 1)],
    ['the node says all', answer(dump)],
  ])('is no matter where %s', (_, lbDump) => {
    expect(asked().doubtOfMaps(new Map(lbDump && [['lbDump', lbDump]]))).toBeUndefined();
  });

  test('of other tables says which are doubtful, and why', () => {
    const unknown = `known ${'0'.repeat(16)} ${'0'.repeat(64)}\n`;
    const doubts = asked().otherDoubts(
      new Map([
        ['frontends', answer(unknown)],
        ['iptablesNft', answer('digest of nothing\n')],
        ['ip6tablesNft', answer('digest of nothing\n', 1)],
        ['iptablesLegacy', answer('*filter\nCOMMIT\n')],
      ]),
    );
    expect(doubts).toEqual([
      ['frontends', 'it speaks of frontends that are not known'],
      ['iptablesNft', expect.any(String)],
    ]);
  });
});
