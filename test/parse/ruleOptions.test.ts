import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ruleOptions } from '../../src/parse/rules/ruleOptions.ts';

const short = (line: string): readonly string[] =>
  ruleOptions(line).map(({ name, negated, values }) => `${negated ? 'not ' : ''}${[name, ...values].join(' ')}`);

describe('a rule as its options, in their order', () => {
  test.each([
    [
      '-A KUBE-SVC-X ! -s 10.244.0.0/16 -d 10.96.0.1/32 -p tcp -m comment --comment "a/b:c cluster IP" -m tcp --dport 443 -j KUBE-MARK-MASQ',
      [
        '-A KUBE-SVC-X',
        'not -s 10.244.0.0/16',
        '-d 10.96.0.1/32',
        '-p tcp',
        '-m comment',
        '--comment a/b:c cluster IP',
        '-m tcp',
        '--dport 443',
        '-j KUBE-MARK-MASQ',
      ],
    ],
    [
      '-A CILIUM_PRE_mangle ! -o lo -m socket --transparent -m mark ! --mark 0xe00/0xf00 -j MARK --set-xmark 0x200/0xffffffff',
      [
        '-A CILIUM_PRE_mangle',
        'not -o lo',
        '-m socket',
        '--transparent',
        '-m mark',
        'not --mark 0xe00/0xf00',
        '-j MARK',
        '--set-xmark 0x200/0xffffffff',
      ],
    ],
    [
      '-A KUBE-POSTROUTING -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE',
      ['-A KUBE-POSTROUTING', '-m set', '--match-set KUBE-LOOP-BACK dst,dst,src', '-j MASQUERADE'],
    ],
    [
      String.raw`-A X -m comment --comment "say \"-j LIE\" \\" -j LOG --log-prefix "-d 1 "`,
      ['-A X', '-m comment', '--comment say "-j LIE" \\', '-j LOG', '--log-prefix -d 1 '],
    ],
    ['-A X -m tcp --dport ! 80', ['-A X', '-m tcp', 'not --dport 80']],
    ['-A X -m connlimit --x -5', ['-A X', '-m connlimit', '--x -5']],
    ['', []],
    ['word', []],
  ])('%s', (line, options) => {
    expect(short(line)).toEqual(options);
  });
});

test('takes any line', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (line) => Array.isArray(ruleOptions(line))));
});
