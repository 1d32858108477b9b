import { expect, test } from 'vitest';
import { noKnownDefect } from '../../../checks/agents/noKnownDefect.ts';
import { tablesMatch } from '../../../checks/tables/tablesMatch.ts';
import { Derivations } from '../../../src/core/Derivations.ts';
import { runChecks } from '../../../src/core/runChecks.ts';
import type { DefectReference } from '../../../src/expect/defects/Defect.ts';
import type { Snapshot } from '../../../src/model/Snapshot.ts';
import { buildReport } from '../../../src/report/buildReport.ts';
import { aMissing, aSnapshot, codesOf, findingsOf } from '../../support/aSnapshot.ts';
import { clusterWith } from '../../support/defectScene.ts';
import { aService, aNode } from '../../support/healthy.ts';
import { aPod } from '../../support/lbObjects.ts';
import { standardCases } from '../../support/standardCases.ts';
import { cases } from '../../expect/defects/cases.ts';

const meeting = (reference: DefectReference, version: string): Snapshot =>
  clusterWith(cases[reference]?.here ?? {}, version);

const reportOn = (snapshot: Snapshot) => {
  const derivations = new Derivations(snapshot);
  return buildReport(runChecks([noKnownDefect, tablesMatch], derivations), derivations, {
    phase: 'doctor',
    failOn: 'error',
    strict: false,
    allowUnknown: new Set(),
    interrupted: false,
    toolVersion: '',
    durationMs: 0,
  });
};

test('says what is wrong, in which release, whom it meets here, and where to go', () => {
  const [first, second, ...others] = reportOn(meeting('#41521', '1.18.2')).findings;
  expect(first).toMatchObject({
    code: 'KPR1012',
    severity: 'error',
    harm: 'now',
    nodes: ['n1'],
    message:
      'Known defect of Cilium 1.18.2, cilium/cilium#41521: of one hostPort number in two protocols only one is served; here shop/dns: one hostPort number in two protocols. The hostPort answers in the protocol that the pod names last; in the other, connections are refused',
    remedy: { steps: [{ text: 'Upgrade Cilium to 1.18.3 or later', decision: true }] },
    alternatives: [{ title: 'until you can upgrade' }],
  });
  // What it explains follows from it, and takes its remedy.
  expect(second).toMatchObject({ code: 'KPR4001', likelyCauses: ['KPR1012'] });
  expect(JSON.stringify(second?.remedy)).toContain('Upgrade Cilium to 1.18.3 or later; until then: give the two');
  expect(JSON.stringify(second?.remedy)).not.toContain('delete pod');
  expect(others).toEqual([]);
});

test('what it does not explain does not follow from it', () => {
  const snapshot = clusterWith({ ...cases['#41521']?.here, services: [aService('cart')] }, '1.18.2');
  const cart = reportOn(snapshot).findings.filter(({ objects }) => objects.some(({ name }) => name === 'cart'));
  expect(cart).toMatchObject([{ code: 'KPR4001', variant: 'one', likelyCauses: [] }]);
});

const dns = (nodeName: string) =>
  aPod(
    `dns-${nodeName}`,
    [
      { containerPort: 53, hostPort: 53, protocol: 'UDP' },
      { containerPort: 53, hostPort: 53, protocol: 'TCP' },
    ],
    { spec: { nodeName } },
  );

test('a defect is told once for all nodes and objects', () => {
  const status = { version: '1.18.2' };
  const snapshot = aSnapshot({ facts: { pods: [dns('n1'), dns('n2')] }, nodes: { n1: { status }, n2: { status } } });
  expect(codesOf(noKnownDefect, snapshot)).toEqual(['KPR1012 n1,n2']);
  expect(findingsOf(noKnownDefect, snapshot)[0]?.objects.map(({ name }) => name)).toEqual(['dns-n1', 'dns-n2']);
});

test('each node is judged by its own version', () => {
  const balancer = {
    ...aService('cart', { type: 'LoadBalancer', externalIPs: ['192.0.2.7'], loadBalancerSourceRanges: ['10.0.0.0/8'] }),
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
  };
  const facts = { services: [balancer], endpointSlices: [] };
  const nodes = { n1: { status: { version: '1.19.7' } }, n2: { status: { version: '1.20.0' } } };
  expect(codesOf(noKnownDefect, aSnapshot({ facts, nodes }))).toEqual(['KPR1012 n1']);
});

test('whether a defect meets the cluster is unknown where that was not read', () => {
  const status = { version: '1.18.2' };
  const snapshot = aSnapshot({ facts: { pods: aMissing('forbidden') }, nodes: { n1: { status }, n2: { status } } });
  expect(codesOf(noKnownDefect, snapshot)).toEqual(['unknown n1 forbidden', 'unknown n2 forbidden']);
});

test('where nobody tells the version, nothing is known', () => {
  const status = aMissing('timeout');
  const snapshot = aSnapshot({ facts: { daemonSets: [] }, nodes: { n1: { status }, n2: { status } } });
  expect(codesOf(noKnownDefect, snapshot)).toEqual(['unknown n1 notCollected', 'unknown n2 notCollected']);
});

test('the kernel that the kubelet reports counts where the agent does not run', () => {
  const node = aNode('n1');
  const nodes = [{ ...node, status: { ...node.status, nodeInfo: { kernelVersion: '7.2.1-generic' } } }, aNode('n2')];
  const down = { kernel: aMissing('unreachable'), agent: { ready: false } };
  const snapshot = aSnapshot({ facts: { nodes }, nodes: { n1: { ...down, status: { version: '1.20.1' } } } });
  expect(codesOf(noKnownDefect, snapshot)).toEqual(['KPR1012 n1']);
});

const nodesOnly = { n2: { coverage: { kind: 'notSelected' } } } as const;

standardCases(noKnownDefect, {
  healthy: { nodes: nodesOnly },
  faulty: {
    KPR1012: {
      upgrade: meeting('#47593', '1.20.0'),
      upgradeOrAvoid: meeting('#41521', '1.18.2'),
      avoid: meeting('#48455', '1.20.2'),
    },
  },
  notApplicable: { never: 'every version is looked up' },
  hostile: (text) => {
    const service = aService(
      'cart',
      { trafficDistribution: text },
      { annotations: { 'service.cilium.io/affinity': text } },
    );
    return clusterWith({ services: [service], settings: { 'enable-service-topology': 'true' } }, '1.20.0');
  },
});
