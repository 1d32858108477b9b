import { expect, test } from 'vitest';
import { lbConfigWith } from '../../support/agentConfigs.ts';

test.each<[string, Readonly<Record<string, string>>, string, object]>([
  ['nothing is asked for', {}, '1.19.6', { kubeProxyReplacement: false, hostPorts: false, sourceRangeCheck: true }],
  [
    'the replacement',
    { 'kube-proxy-replacement': 'true' },
    '1.18.4',
    { kubeProxyReplacement: true, hostPorts: true, sourceRangeCheck: true },
  ],
  [
    'source ranges need NodePorts, up to 1.18',
    {},
    '1.18.4',
    { kubeProxyReplacement: false, hostPorts: false, sourceRangeCheck: false },
  ],
  [
    'NodePorts alone, up to 1.18',
    { 'enable-node-port': 'true' },
    '1.18.4',
    { kubeProxyReplacement: true, hostPorts: false, sourceRangeCheck: true },
  ],
  ['… which 1.19 does not know', { 'enable-node-port': 'true' }, '1.19.0', { kubeProxyReplacement: false }],
  [
    'hostPorts need NodePorts',
    { 'enable-host-port': 'true' },
    '1.18.4',
    { kubeProxyReplacement: false, hostPorts: false },
  ],
  [
    '… and with them they are',
    { 'enable-host-port': 'true', 'enable-node-port': 'true' },
    '1.18.4',
    { hostPorts: true },
  ],
  ['both families', {}, '1.20.1', { families: new Set(['ipv4', 'ipv6']) }],
  ['one family', { 'enable-ipv6': 'false' }, '1.20.1', { families: new Set(['ipv4']) }],
  ['the other', { 'enable-ipv4': 'false' }, '1.20.1', { families: new Set(['ipv6']) }],
  ['a range', { 'node-port-range': '1,2' }, '1.20.1', { nodePortMin: 1, nodePortMax: 2 }],
])('%s', (_, texts, version, expected) => {
  expect(lbConfigWith(texts, version)).toMatchObject(expected);
});
