import { expect, test } from 'vitest';
import { kubernetesServiceReachable } from '../../../checks/api-endpoint/kubernetesServiceReachable.ts';
import { localPoliciesMet } from '../../../checks/services/localPoliciesMet.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import type { ServerProbe } from '../../../src/model/NodeFacts.ts';
import { aMissing, aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { healthyFacts } from '../../support/healthy.ts';
import { reportOn } from '../../support/reportOn.ts';
import { standardCases } from '../../support/standardCases.ts';

const probes = (service: ServerProbe['connect'], server: ServerProbe['connect'], detail = ''): ServerProbe[] => [
  { via: 'clusterIP', address: '10.96.0.1', port: 443, connect: service, detail },
  { via: 'server', address: '172.30.0.1', port: 6443, connect: server, detail },
];
const onN2 = (serversProbe: readonly ServerProbe[], more: SnapshotChanges = {}): SnapshotChanges => ({
  ...more,
  nodes: { n2: { serversProbe } },
});
const aPod = (message: string, { hostNetwork = false, ready = false } = {}): Pod => ({
  metadata: { name: 'coredns-1', namespace: 'kube-system' },
  spec: { nodeName: 'n2', hostNetwork },
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'coredns',
        ready,
        state: { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 1, message } },
      },
    ],
  },
});
const pods = (pod: Pod): SnapshotChanges => ({ facts: { systemPods: [pod] } });
const timeout = 'plugin/kubernetes: Get "https://10.96.0.1:443/version": dial tcp 10.96.0.1:443: i/o timeout';

test.each<[string, SnapshotChanges, string[]]>([
  ['the Service does not answer, the server does', onN2(probes('timeout', 'open')), ['KPR2005 n2']],
  ['no answer in time', { nodes: { n2: { serversProbe: aMissing('timeout') } } }, ['unknown n2 timeout']],
  ['lost on one node', { nodes: { n2: { serversProbe: aMissing('notCollected') } } }, ['unknown n2 notCollected']],
  [
    'asked by nobody',
    { nodes: { n1: { serversProbe: aMissing('notCollected') }, n2: { serversProbe: aMissing('notCollected') } } },
    ['skipped: API servers were not dialled'],
  ],
  ['neither answers', onN2(probes('timeout', 'timeout')), []],
  [
    'an IPv6 address where IPv6 is off',
    onN2([
      ...probes('open', 'open'),
      { via: 'clusterIP', address: 'fd00::1', port: 443, connect: 'failed', detail: '' },
    ]),
    [],
  ],
  ['a pod that says so', pods(aPod(timeout)), ['KPR2005 n2']],
  ['a pod that said so once', pods(aPod(timeout, { ready: true })), []],
  ['a pod on the host network', pods(aPod(timeout, { hostNetwork: true })), []],
  ['a pod that ends for another reason', pods(aPod('panic: no such file')), []],
  ['a pod that does not reach something else', pods(aPod('dial tcp 10.96.0.12:443: i/o timeout')), []],
])('%s', (_, changes, expected) => {
  expect(codesOf(kubernetesServiceReachable, aSnapshot(changes))).toEqual(expected);
});

test.each([
  ['n1', ['KPR5008']],
  // The server is on this one.
  ['n2', []],
])('a traffic policy Local that leaves %s without a server is the cause there', (node, causes) => {
  const services = (valueOf(healthyFacts(['n1', 'n2']).services) ?? []).map((one) =>
    one.metadata.name === 'kubernetes'
      ? Object.assign({}, one, { spec: { ...one.spec, internalTrafficPolicy: 'Local' } })
      : one,
  );
  const snapshot = aSnapshot({ facts: { services }, nodes: { [node]: { serversProbe: probes('failed', 'open') } } });
  const { findings } = reportOn(snapshot, [kubernetesServiceReachable, localPoliciesMet]);
  const found = findings.map(({ code, nodes, likelyCauses }) => ({ code, nodes, likelyCauses }));
  expect(found).toContainEqual({ code: 'KPR2005', nodes: [node], likelyCauses: causes });
  expect(found).toContainEqual({ code: 'KPR5008', nodes: ['n1'], likelyCauses: [] });
});

standardCases(kubernetesServiceReachable, {
  faulty: { KPR2005: { throughService: onN2(probes('timeout', 'open')), podsOnly: pods(aPod(timeout)) } },
  notApplicable: { nodes: { n1: { serversProbe: [] }, n2: { serversProbe: [] } } },
  hostile: (text) => onN2(probes('failed', 'open', text)),
});
