import { expect, test } from 'vitest';
import { masqueradingSuits } from '../../../checks/configuration/masqueradingSuits.ts';
import type { Change } from '../../../src/model/Intent.ts';
import { aMissing, aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const masqueraded = (enabled: boolean, byBpf: string, change: Change = 'enable'): SnapshotChanges => {
  const config = new Map([...ciliumConfig, ['enable-bpf-masquerade', byBpf]]);
  const node = {
    status: { masquerading: { enabled, mode: byBpf === 'true' ? 'BPF' : 'iptables' } },
    startedConfig: config,
  };
  return { intent: anIntent(change), facts: { ciliumConfig: config }, nodes: { n1: node, n2: node } };
};

test.each<[string, SnapshotChanges, string[]]>([
  ['by iptables', masqueraded(true, 'false'), ['KPR7008 n1,n2']],
  ['by eBPF', masqueraded(true, 'true'), []],
  ['not at all', masqueraded(false, 'false'), ['skipped: nothing is masqueraded']],
  ['back to kube-proxy', masqueraded(true, 'false', 'rollback'), ['skipped: kube-proxy is not to be replaced']],
  [
    'what is not known',
    {
      ...masqueraded(true, 'false'),
      nodes: { n1: { status: aMissing('timeout') }, n2: { status: aMissing('timeout') } },
    },
    ['unknown n1 timeout', 'unknown n2 timeout'],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(masqueradingSuits, aSnapshot(changes))).toEqual(expected);
});

standardCases(masqueradingSuits, {
  healthy: masqueraded(true, 'true'),
  faulty: { KPR7008: { byTwo: masqueraded(true, 'false') } },
  notApplicable: {},
  hostile: { never: 'its finding says nothing of what was read' },
});
