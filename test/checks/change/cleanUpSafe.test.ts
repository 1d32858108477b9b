import { expect, test } from 'vitest';
import { cleanUpSafe } from '../../../checks/change/cleanUpSafe.ts';
import type { Change } from '../../../src/model/Intent.ts';
import { known, type Fact } from '../../../src/model/Fact.ts';
import type { IptablesTable } from '../../../src/model/NodeFacts.ts';
import { parseIptablesSave } from '../../../src/parse/parseIptablesSave.ts';
import { aMissing, aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { sourceOf } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

function filter(policy: string, ...rules: readonly string[]): Fact<readonly IptablesTable[]> {
  const text = [
    '*filter',
    `:FORWARD ${policy} [0:0]`,
    ':KUBE-FORWARD - [0:0]',
    ':KUBE-SERVICES - [0:0]',
    ':CILIUM_FORWARD - [0:0]',
    ':MINE - [0:0]',
    '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
    ...rules,
    'COMMIT',
    '',
  ].join('\n');
  const parsed = parseIptablesSave(text);
  return parsed.ok ? known(parsed.value.tables, sourceOf('iptables')) : aMissing('unparsed');
}

const going = (
  tables: Fact<readonly IptablesTable[]>,
  more: { readonly kernel?: string; readonly change?: Change } = {},
): SnapshotChanges => ({
  intent: anIntent(more.change ?? 'remove-kube-proxy'),
  nodes: {
    n1: {
      iptables: [{ backend: 'nft', family: 'ipv4', tables }],
      ...(more.kernel !== undefined && { kernel: more.kernel }),
    },
  },
});
const jump = '-A MINE -p tcp -j KUBE-SERVICES';

test.each<[string, SnapshotChanges, string[]]>([
  ['FORWARD drops', going(filter('DROP')), ['KPR8005 n1']],
  ['FORWARD drops, and Cilium accepts', going(filter('DROP', '-A FORWARD -j CILIUM_FORWARD')), []],
  ['FORWARD accepts', going(filter('ACCEPT')), []],
  ['a rule of somebody else leads there', going(filter('ACCEPT', jump)), ['KPR8005 n1']],
  ['RHEL 8.10', going(filter('ACCEPT'), { kernel: '4.18.0-553.16.1.el8_10.x86_64' }), ['KPR8005 n1']],
  ['RHEL 8.9', going(filter('ACCEPT'), { kernel: '4.18.0-513.5.1.el8_9.x86_64' }), []],
  ['one dump was not read', going(aMissing('timeout')), ['unknown n1 timeout']],
  ['another change', going(filter('DROP'), { change: 'enable' }), ['skipped: kube-proxy’s rules are not to go']],
])('%s', (_, changes, expected) => {
  expect(codesOf(cleanUpSafe, aSnapshot(changes))).toEqual(expected);
});

standardCases(cleanUpSafe, {
  healthy: { intent: anIntent('remove-kube-proxy') },
  faulty: {
    KPR8005: {
      forward: going(filter('DROP')),
      jump: going(filter('ACCEPT', jump)),
      kernel: going(filter('ACCEPT'), { kernel: '4.18.0-553.16.1.el8_10.x86_64' }),
    },
  },
  notApplicable: {},
  hostile: (text) => going(filter('ACCEPT'), { kernel: `4.18.0-553.${text}el8` }),
});
