import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OwnStrings } from '../../src/parse/OwnStrings.ts';

const facts = (status: string, at = 'n1') => ({
  status: { kind: 'known', value: status },
  config: new Map([
    ['enable-session-affinity', 'true'],
    ['node', at],
  ]),
  modules: [
    { module: 'agent.controlplane.loadbalancer', level: 'OK' },
    { module: 'agent.datapath', level: status },
  ],
  addresses: new Set(['10.244.1.120', at]),
});

describe('what nodes say', () => {
  test('is what they said, whatever was said before', () => {
    const value = fc.anything({ withMap: true, withSet: true });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 4 }), (values) => {
        const strings = new OwnStrings();
        for (const one of values) expect(strings.own(one)).toStrictEqual(one);
      }),
    );
  });

  test('as the last node did is held once', () => {
    const strings = new OwnStrings();
    const first = strings.own(facts('OK'));
    const second = strings.own(facts('Degraded', 'n2'));
    expect(second).toStrictEqual(facts('Degraded', 'n2'));
    expect(second.modules[0]).toBe(first.modules[0]);
    expect(second.modules[1]).not.toBe(first.modules[1]);
    expect(second.config).not.toBe(first.config);
    expect(strings.own(facts('Degraded', 'n2')).config).toBe(second.config);
  });

  test('keeps its order', () => {
    const strings = new OwnStrings();
    strings.own({
      a: new Map([
        ['x', 1],
        ['y', 2],
      ]),
      b: { p: 1, q: 2 },
    });
    const { a, b } = strings.own({
      a: new Map([
        ['y', 2],
        ['x', 1],
      ]),
      b: { q: 2, p: 1 },
    });
    expect([...a.keys(), ...Object.keys(b)]).toEqual(['y', 'x', 'q', 'p']);
  });
});
