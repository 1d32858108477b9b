import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpsetSave } from '../../src/parse/ipset/ipsetSave.ts';
import { parseIpsets } from '../../src/parse/parseIpsets.ts';
import { printIpsetNames, printIpsetSave } from '../support/printRules.ts';
import { valueOf, whyOf } from './recorded.ts';

// What ipset 7.17 printed of sets of every kind that kube-proxy makes, and of others.
const read = (name: string): string => readFileSync(join(import.meta.dirname, '..', 'fixtures', 'rules', name), 'utf8');
const saved = read('ipset-save.txt');

describe('ipset save', () => {
  test('recorded', () => {
    const sets = valueOf(parseIpsetSave(saved));
    expect(sets.map(({ name, type, members }) => [name, type, members.length])).toEqual([
      ['KUBE-CLUSTER-IP', 'hash:ip,port', 2],
      ['KUBE-NODE-PORT-TCP', 'bitmap:port', 1],
      ['KUBE-LOAD-BALANCER-SOURCE-CIDR', 'hash:ip,port,net', 1],
      ['KUBE-6-CLUSTER-IP', 'hash:ip,port', 1],
      ['KUBE-LOOP-BACK', 'hash:ip,port,ip', 1],
      ['T', 'hash:ip', 1],
      ['cnt', 'hash:net', 1],
      ['L', 'list:set', 1],
    ]);
    expect(sets[2]?.members).toEqual([{ element: '198.51.100.1,tcp:80,192.0.2.0/24', options: 'comment "a b  c"' }]);
    expect(sets[5]?.members).toEqual([{ element: '1.2.3.4', options: 'timeout 299' }]);
  });

  test('is printed as it was', () => {
    expect(printIpsetSave(valueOf(parseIpsetSave(saved)))).toBe(saved);
    expect(printIpsetSave(valueOf(parseIpsetSave('')))).toBe('');
  });

  test('any set is printed and read again', () => {
    const word = fc.stringMatching(/^[!-~]{1,12}$/);
    const options = fc.oneof(fc.constant(''), fc.stringMatching(/^[!-~]{1,5}( {1,2}[!-~]{1,5}){0,3}$/));
    const sets = fc.uniqueArray(
      fc.record({
        name: word,
        type: word,
        options,
        members: fc.array(fc.record({ element: word, options }), { maxLength: 3 }),
      }),
      { maxLength: 4, selector: ({ name }) => name },
    );
    fc.assert(
      fc.property(sets, (all) => {
        expect(valueOf(parseIpsetSave(printIpsetSave(all)))).toEqual(all);
      }),
    );
  });

  test('half a line is noticed', () => {
    for (let at = 1; at < saved.length; at++) {
      if (saved[at - 1] !== '\n') expect(parseIpsetSave(saved.slice(0, at)).ok).toBe(false);
    }
  });

  test.each([
    ['a member of no set', 'add A 10.0.0.1\n'],
    ['a set twice', 'create A hash:ip\ncreate A hash:ip\n'],
    ['another command', 'create A hash:ip\nflush A\n'],
    ['a complaint', 'ipset v7.17: Cannot open session to kernel.\n'],
  ])('%s', (_, text) => {
    expect(whyOf(parseIpsetSave(text))).toContain('a line that ipset save does not print');
  });
});

describe('names', () => {
  const names = [
    'KUBE-CLUSTER-IP',
    'KUBE-NODE-PORT-TCP',
    'KUBE-LOAD-BALANCER-SOURCE-CIDR',
    'KUBE-6-CLUSTER-IP',
    'KUBE-LOOP-BACK',
    'T',
    'cnt',
    'L',
  ];

  test.each(['ipset-save.txt', 'ipset-list.txt'])('of %s', (file) => {
    expect(valueOf(parseIpsets(read(file)))).toEqual(names);
  });

  test('ipset list -n is printed as it was', () => {
    const text = printIpsetNames(names);
    expect(printIpsetNames(valueOf(parseIpsets(text)))).toBe(text);
  });

  test.each(['KUBE-CLUSTER-IP\nKUBE-CLUS', 'Name: A\nType: hash:ip\nName: B', 'create A hash:ip\nadd A 10.0'])(
    'cut: %j',
    (text) => {
      expect(whyOf(parseIpsets(text))).toContain('cut');
    },
  );
});
