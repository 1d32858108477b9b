import { expect, test } from 'vitest';
import { healthChecksOn } from '../../../checks/services/healthChecksOn.ts';
import { hostPortsServed } from '../../../checks/services/hostPortsServed.ts';
import type { Service } from '../../../src/model/kubernetes.ts';
import type { Listener } from '../../../src/model/NodeFacts.ts';
import { aMissing, aSnapshot, codesOf, type NodeChanges, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aNode, aService, ciliumConfig } from '../../support/healthy.ts';
import { balanced, shop, shopCluster } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const port = 31_999;
const local = { externalTrafficPolicy: 'Local', healthCheckNodePort: port } as const;
const asked = (service: Service = shop(local)): Service => balanced(service, '192.0.2.1');

const health: Listener = { address: '127.0.0.1', port: 9879, isAgent: true };
const agents: Listener = { address: '*', port, isAgent: true };
const others: Listener = { address: '0.0.0.0', port };
const open: NodeChanges = { listeners: [health, agents] };
const startedConfig = new Map([...ciliumConfig, ['enable-health-check-nodeport', 'false']]);
const silent: NodeChanges = { listeners: [health], startedConfig };
const kubeProxy = { kind: 'kubeProxy', httpStatus: 200 } as const;

/** n1 answers, and n2 is so. */
const inCloud = (n2: NodeChanges, service = asked(), provider = 'aws:///eu-1a/i-2'): SnapshotChanges => {
  const changes = shopCluster({ services: [service], version: '1.20.2', n1: open, n2 });
  return {
    ...changes,
    facts: { ...changes.facts, nodes: [aNode('n1'), aNode('n2', { spec: { providerID: provider } })] },
  };
};

standardCases(healthChecksOn, {
  healthy: inCloud(open),
  faulty: {
    KPR5002: {
      healthCheck: inCloud(silent),
      hostPort: { raisedBy: hostPortsServed },
      switchRemoved: { raisedBy: hostPortsServed },
    },
  },
  notApplicable: {},
  hostile: (text) => inCloud(silent, asked(aService(text, local))),
});

const nobody = ['skipped: no load balancer of a cloud asks for the health of a Service'];
const ofClass = asked(shop({ ...local, loadBalancerClass: 'io.cilium/l2-announcer' }));

test.each<[string, SnapshotChanges, string[]]>([
  ['agents were told not to answer', inCloud(silent), ['KPR5002 n2']],
  ['agents answer', inCloud(open), []],
  ['somebody else answers', inCloud({ ...silent, listeners: [health, others] }), []],
  ['kube-proxy answers', inCloud({ ...silent, proxyHealth: kubeProxy }), []],
  ['who would answer is not known', inCloud({ ...silent, listeners: aMissing('timeout') }), ['unknown n2 timeout']],
  ['nobody’s machines', inCloud(silent, asked(), ''), nobody],
  ['a class of its own', inCloud(silent, ofClass), nobody],
])('%s', (_, changes, expected) => {
  expect(codesOf(healthChecksOn, aSnapshot(changes))).toEqual(expected);
});
