import { expect, it } from 'vitest';
import { hostPortsServed } from '../../../checks/services/hostPortsServed.ts';
import { healthChecksOn } from '../../../checks/services/healthChecksOn.ts';
import { known } from '../../../src/model/Fact.ts';
import { aMissing, aSnapshot, codesOf, type NodeChanges } from '../../support/aSnapshot.ts';
import { aPod } from '../../support/lbObjects.ts';
import { shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const off = { 'kube-proxy-replacement': 'false' };
const rules = (...chains: readonly string[]): NodeChanges => ({
  iptables: [
    {
      backend: 'nft',
      family: 'ipv4',
      tables: known(
        [{ name: 'nat', chains: chains.map((name) => ({ name, policy: undefined, rules: [] })) }],
        'iptables-save',
      ),
    },
  ],
});
const hostPort = (settings: Readonly<Record<string, string>>, n1: NodeChanges = rules(), name = 'edge', meta = {}) =>
  shopCluster({ pods: [aPod(name, [{ containerPort: 80, hostPort: 80 }], { meta })], settings, n1 });

standardCases(hostPortsServed, {
  healthy: hostPort(off, rules('CNI-HOSTPORT-DNAT')),
  faulty: {
    KPR5002: {
      healthCheck: { raisedBy: healthChecksOn },
      hostPort: hostPort(off),
      switchRemoved: shopCluster({
        services: [shop({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 31_000 }] })],
        slices: [shopSlice()],
        settings: { ...off, 'enable-node-port': 'true' },
      }),
    },
  },
  requiredUnseen: ['cluster services'],
  notApplicable: {},
  hostile: (text) => hostPort(off, rules(), text),
});

it.each([
  ['a pod that goes', hostPort(off, rules(), 'edge', { deletionTimestamp: '2026-11-21T09:59:59Z' }), []],
  ['rules that were not read', hostPort(off, { iptables: aMissing('timeout') }), ['unknown n1 timeout']],
  [
    'a switch of 1.18, which works there',
    shopCluster({
      services: [shop({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 31_000 }] })],
      slices: [shopSlice()],
      settings: { ...off, 'enable-node-port': 'true' },
      version: '1.18.4',
    }),
    ['skipped: Cilium serves every kind of frontend that is asked for'],
  ],
])('%s', (_, cluster, expected) => {
  expect(codesOf(hostPortsServed, aSnapshot(cluster))).toEqual(expected);
});
