import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optionsOf, type RuleOptions } from '../../src/model/RuleOptions.ts';

/** Those that say something. */
const told = (line: string): Partial<RuleOptions> =>
  Object.fromEntries(
    Object.entries(optionsOf({ line })).filter(
      ([, value]) => value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0),
    ),
  );

describe('the options of a rule', () => {
  it.each<[string, Partial<RuleOptions>]>([
    [
      '-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y',
      {
        chain: 'KUBE-SERVICES',
        destination: '10.96.0.1/32',
        protocol: 'tcp',
        port: 443,
        comment: 'default/kubernetes:https cluster IP',
        target: 'KUBE-SVC-NPX46M4PTMTKRN6Y',
      },
    ],
    [
      '-A KUBE-SVC-X ! -s 10.244.0.0/16 -d 10.96.0.1/32 ! -i eth0 -m addrtype ! --src-type LOCAL -j KUBE-MARK-MASQ',
      {
        chain: 'KUBE-SVC-X',
        source: '!10.244.0.0/16',
        destination: '10.96.0.1/32',
        inInterface: '!eth0',
        sourceType: '!LOCAL',
        target: 'KUBE-MARK-MASQ',
      },
    ],
    [
      '-A KUBE-SVC-X -m comment --comment "a/b -> 10.1.1.1:80" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-Y',
      { chain: 'KUBE-SVC-X', comment: 'a/b -> 10.1.1.1:80', isRandom: true, target: 'KUBE-SEP-Y' },
    ],
    [
      '-A KUBE-SVC-X -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-Y --mask 255.255.255.255 --rsource -j KUBE-SEP-Y',
      { chain: 'KUBE-SVC-X', recentSeconds: 10800, target: 'KUBE-SEP-Y' },
    ],
    [
      '-A KUBE-SEP-Y -p tcp -m tcp -j DNAT --to-destination [fd00::5]:8080',
      { chain: 'KUBE-SEP-Y', protocol: 'tcp', target: 'DNAT', toDestination: '[fd00::5]:8080' },
    ],
    ['-A FORWARD -g REST', { chain: 'FORWARD', target: 'REST', isGoto: true, isUnconditional: true }],
    [
      '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
      {
        chain: 'POSTROUTING',
        source: '172.17.0.0/16',
        outInterface: '!docker0',
        target: 'MASQUERADE',
        unknown: '-o',
      },
    ],
    [
      '-A INPUT -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT',
      { chain: 'INPUT', sets: ['KUBE-CLUSTER-IP'], target: 'ACCEPT', unknown: '--match-set' },
    ],
    [
      '-A INPUT -j SET --add-set seen src --exist',
      { chain: 'INPUT', sets: ['seen'], target: 'SET', isUnconditional: true, unknown: '--add-set' },
    ],
    ['-A X -m statistic --mode nth --every 2 --packet 0 -j Y', { chain: 'X', target: 'Y', unknown: '--mode' }],
    ['not a rule', { unknown: 'not' }],
  ])('%s', (line, options) => {
    expect(told(line)).toEqual(options);
  });

  it.each([
    ['-A FORWARD -j DROP', true],
    ['-A FORWARD -j REJECT --reject-with icmp-host-prohibited', true],
    ['-A FORWARD -m comment --comment "the rest, -s 10.0.0.1 too" -j DROP', true],
    ['-A FORWARD -s 10.0.0.1/32 -j DROP', false],
    ['-A FORWARD -m socket -j DROP', false],
    ['-A FORWARD -m conntrack --ctstate INVALID -j DROP', false],
    ['-A FORWARD ! -i eth0 -j DROP', false],
    ['-A FORWARD --fragment -j DROP', false],
  ])('%s: for every packet is %s', (line, isUnconditional) => {
    expect(optionsOf({ line }).isUnconditional).toBe(isUnconditional);
  });

  it('what a comment or the prefix of a log says is no option', () => {
    const line = String.raw`-A X -m comment --comment "say \"-j DROP\" -d 10.0.0.1" -j LOG --log-prefix "-g Y --dport 80 "`;
    expect(told(line)).toEqual({
      chain: 'X',
      comment: 'say "-j DROP" -d 10.0.0.1',
      target: 'LOG',
      isUnconditional: true,
      unknown: '--log-prefix',
    });
  });

  it('is total', () => {
    const words = fc.constantFrom(
      '-A',
      '-j',
      '-g',
      '!',
      '-m',
      '"',
      '"a',
      '\\',
      '--comment',
      '--dport',
      '1',
      '-o',
      '--mode',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((all) => all.join(' ')),
        ),
        (line) => {
          expect(optionsOf({ line }).sets).toBeInstanceOf(Array);
        },
      ),
    );
  });
});
