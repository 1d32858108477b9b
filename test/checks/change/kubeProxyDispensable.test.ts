import { expect, test } from 'vitest';
import { kubeProxyDispensable } from '../../../checks/change/kubeProxyDispensable.ts';
import type { Intent } from '../../../src/model/Intent.ts';
import { aMissing, aSnapshot, codesOf, type NodeChanges, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';
import { shopFacts, tableWith } from '../../support/shopTables.ts';

const removal: Intent = anIntent('remove-kube-proxy');
const off = new Map([...ciliumConfig, ['kube-proxy-replacement', 'false']]);
const agentOff: NodeChanges = { status: { kpr: { mode: 'False' } } };
const before = (n2: NodeChanges, facts: SnapshotChanges['facts'] = {}): SnapshotChanges => ({
  intent: removal,
  facts,
  nodes: { n2 },
});
/** A table without the rows that the API asks for. */
const damaged: SnapshotChanges = {
  intent: removal,
  facts: shopFacts(),
  nodes: { n1: { lbTable: tableWith() }, n2: { lbTable: { frontends: new Map() } } },
};

test.each<[string, SnapshotChanges, string[]]>([
  ['all agents replace it', { intent: removal }, []],
  ['one agent has not started again', before(agentOff), ['KPR8001 n2']],
  [
    'the agent of one node hangs: nothing is known of it',
    before({ status: aMissing('timeout') }),
    ['unknown n2 timeout'],
  ],
  ['the table was not read', before({ lbTable: aMissing('timeout') }), ['unknown n2 timeout']],
  ['another change', { ...before(agentOff), intent: anIntent('enable') }, ['skipped: kube-proxy is not to be removed']],
])('%s', (_, changes, expected) => {
  expect(codesOf(kubeProxyDispensable, aSnapshot(changes))).toEqual(expected);
});

standardCases(kubeProxyDispensable, {
  healthy: { intent: removal },
  faulty: {
    KPR8001: {
      notRestarted: before(agentOff),
      notReplacing: before({ ...agentOff, startedConfig: off }, { ciliumConfig: off }),
      notAfterRestart: before({}, { ciliumConfig: off }),
      notAtParity: damaged,
    },
  },
  notApplicable: {},
  hostile: (text) => before({ status: { kpr: { mode: text } } }),
});
