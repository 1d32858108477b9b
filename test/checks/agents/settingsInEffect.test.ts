import { expect, test } from 'vitest';
import { settingsInEffect } from '../../../checks/agents/settingsInEffect.ts';
import { aSnapshot, codesOf, findingsOf, type NodeChanges, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const on = (n2: NodeChanges): SnapshotChanges => ({ nodes: { n2 } });
const started = (key: string, value: string): NodeChanges => ({
  startedConfig: new Map([...ciliumConfig, [key, value]]),
});
const masquerade = on({ status: { masquerading: { mode: 'iptables' } } });
const hostRouting = on({
  ...started('enable-host-legacy-routing', 'false'),
  status: { routing: { intraHost: 'Legacy' } },
});
const acceleration = on(started('bpf-lb-acceleration', 'best-effort'));
const other = on(started('bpf-lb-mode', 'dsr'));

test.each<[string, SnapshotChanges, string[]]>([
  ['masquerading by iptables', masquerade, ['KPR1015 n2']],
  ['masquerading is off', on({ status: { masquerading: { enabled: false, mode: '' } } }), []],
  [
    'masquerading by iptables, as asked',
    on({ ...started('enable-bpf-masquerade', 'false'), status: { masquerading: { mode: 'iptables' } } }),
    [],
  ],
  ['host routing', hostRouting, ['KPR1015 n2']],
  ['host routing that nobody asked for', on({ status: { routing: { intraHost: 'Legacy' } } }), []],
  ['no acceleration', acceleration, ['KPR1015 n2']],
  [
    'acceleration',
    on({ ...started('bpf-lb-acceleration', 'native'), status: { kpr: { nodePort: { acceleration: 'Native' } } } }),
    [],
  ],
  ['another mode', other, ['KPR1015 n2']],
  ['the mode as asked', on({ ...started('bpf-lb-mode', 'dsr'), status: { kpr: { nodePort: { mode: 'DSR' } } } }), []],
])('%s', (_, changes, expected) => {
  expect(codesOf(settingsInEffect, aSnapshot(changes))).toEqual(expected);
});

test('what was asked for and what is in effect are told', () => {
  expect(findingsOf(settingsInEffect, aSnapshot(on(started('bpf-lb-algorithm', 'maglev'))))).toMatchObject([
    { variant: 'other', params: { key: 'bpf-lb-algorithm', asked: 'maglev', found: 'Random' } },
  ]);
});

const silent: NodeChanges = { status: { kpr: undefined } };

standardCases(settingsInEffect, {
  faulty: { KPR1015: { masquerade, hostRouting, acceleration, other } },
  notApplicable: { nodes: { n1: silent, n2: silent } },
  hostile: (text) => on({ ...started('bpf-lb-acceleration', text || 'x'), status: { masquerading: { mode: text } } }),
});
