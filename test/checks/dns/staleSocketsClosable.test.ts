import { expect, test } from 'vitest';
import { staleSocketsClosable } from '../../../checks/dns/staleSocketsClosable.ts';
import { aMissing, aSnapshot, codesOf, type NodeChanges, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const on = (n2: NodeChanges): SnapshotChanges => ({ nodes: { n2 } });
const without: NodeChanges = { kernel: '5.15.0', kernelOptions: new Map([['CONFIG_INET_DIAG', 'm']]) };
const off: NodeChanges = { status: { kpr: { socketLb: false } } };

const left = new Map([...ciliumConfig, ['bpf-lb-sock-terminate-pod-connections', 'false']]);

test.each<[string, SnapshotChanges, string[]]>([
  ['options that are there', on({ kernel: '5.15.0' }), []],
  ['options that are not', on(without), ['KPR6004 n2']],
  ['a kernel that closes them in another way', on({ ...without, kernel: '6.6.1' }), []],
  [
    'and a Cilium that does not use that',
    on({ ...without, kernel: '6.6.1', status: { version: '1.18.4' } }),
    ['KPR6004 n2'],
  ],
  ['not shown', on({ kernel: '5.15.0', kernelOptions: aMissing('absent') }), []],
  ['told to leave them', on({ startedConfig: left }), ['KPR6004 n2']],
  [
    'told to leave those of pods, which are not touched',
    on({ startedConfig: left, status: { kpr: { socketLbHostNamespaceOnly: true } } }),
    [],
  ],
  ['lost on one node', on({ kernel: '5.15.0', kernelOptions: aMissing('notCollected') }), ['unknown n2 notCollected']],
  ['no answer', on({ kernel: '5.15.0', kernelOptions: aMissing('timeout') }), ['unknown n2 timeout']],
])('%s', (_, changes, expected) => {
  expect(codesOf(staleSocketsClosable, aSnapshot(changes))).toEqual(expected);
});

standardCases(staleSocketsClosable, {
  faulty: { KPR6004: { lacking: on(without), switchedOff: on({ startedConfig: left }) } },
  notApplicable: { nodes: { n1: off, n2: off } },
  hostile: (text) => on({ kernel: text, kernelOptions: new Map([[text, text]]) }),
});
