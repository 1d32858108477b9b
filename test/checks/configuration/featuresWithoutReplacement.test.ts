import { expect, test } from 'vitest';
import { featuresWithoutReplacement } from '../../../checks/configuration/featuresWithoutReplacement.ts';
import { aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const on = (options: Readonly<Record<string, string>>, mode: string, version = '1.19.6'): SnapshotChanges => {
  const started = new Map([...ciliumConfig, ...Object.entries(options)]);
  const node = { startedConfig: started, status: { version, kpr: { mode } } };
  return { facts: { ciliumConfig: started }, nodes: { n1: node, n2: node } };
};
const gateway = { 'enable-gateway-api': 'true' };
const back = anIntent('rollback');

test.each<[string, SnapshotChanges, string[]]>([
  ['Gateway API without the replacement', on(gateway, 'False'), ['KPR7007 n1,n2']],
  ['with it', on(gateway, 'True'), ['skipped: kube-proxy replacement is on, and stays so']],
  ['with it, which is about to go', { ...on(gateway, 'True'), intent: back }, ['KPR7007 n1,n2']],
  [
    'it is about to come',
    { ...on(gateway, 'False'), intent: anIntent('enable') },
    ['skipped: kube-proxy replacement is on, and stays so'],
  ],
  ['NodePorts by eBPF are enough for it', on({ ...gateway, 'enable-node-port': 'true' }, 'False', '1.18.4'), []],
  ['and not any more', on({ ...gateway, 'enable-node-port': 'true' }, 'False'), ['KPR7007 n1,n2']],
  [
    'nor for announcements',
    on({ 'enable-l2-announcements': 'true', 'enable-node-port': 'true' }, 'False', '1.18.4'),
    ['KPR7007 n1,n2'],
  ],
  ['two of them', on({ ...gateway, 'enable-ingress-controller': 'true' }, 'False'), ['KPR7007 n1,n2', 'KPR7007 n1,n2']],
  ['none of them', on({ 'enable-gateway-api': 'false' }, 'False'), []],
])('%s', (_, changes, expected) => {
  expect(codesOf(featuresWithoutReplacement, aSnapshot(changes))).toEqual(expected);
});

standardCases(featuresWithoutReplacement, {
  healthy: on({}, 'False'),
  faulty: { KPR7007: { off: on(gateway, 'False'), aboutToBeOff: { ...on(gateway, 'True'), intent: back } } },
  notApplicable: {},
  hostile: { never: 'names of options and features are its own' },
});
