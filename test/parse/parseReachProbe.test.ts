import { assert, nat, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseReachProbe } from '../../src/parse/parseReachProbe.ts';

const printed = `from n1
try n1 health 10.244.1.88 4240 open 0
try n2 pod 10.244.2.73 53 timeout 2000 Connection timed out
try n3 node fd30::13 10250 refused 10 Connection refused
drop 4 egress fib lookup failed
done 20
`;

describe('what a node reaches', () => {
  test('is read line by line', () => {
    expect(parseReachProbe(printed)).toMatchObject({
      ok: true,
      value: {
        from: 'n1',
        lagMs: 20,
        tries: [
          { node: 'n1', kind: 'health', address: '10.244.1.88', port: 4240, outcome: 'open', ms: 0, detail: '' },
          { node: 'n2', kind: 'pod', outcome: 'timeout', ms: 2000, detail: 'Connection timed out' },
          { node: 'n3', kind: 'node', address: 'fd30::13', port: 10_250, outcome: 'refused' },
        ],
        drops: [{ direction: 'egress', reason: 'fib lookup failed', packets: 4 }],
      },
    });
  });

  test.each<[string, string]>([
    ['cut before its end', printed.slice(0, -9)],
    ['without its beginning', printed.slice(8)],
    ['nothing', ''],
    ['an outcome that nobody knows', printed.replace('timeout', 'perhaps')],
    ['a thing that nobody knows', printed.replace(' pod ', ' cow ')],
  ])('%s is not understood', (_, text) => {
    expect(parseReachProbe(text).ok).toBe(false);
  });

  test('whatever comes, it does not throw', () => {
    assert(
      property(string(), nat(200), (text, at) => {
        parseReachProbe(text);
        parseReachProbe(printed.slice(0, at) + text + printed.slice(at));
      }),
    );
  });
});
