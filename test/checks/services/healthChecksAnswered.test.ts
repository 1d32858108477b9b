import { expect, test } from 'vitest';
import { agentsFaultless } from '../../../checks/agents/agentsFaultless.ts';
import { healthChecksAnswered } from '../../../checks/services/healthChecksAnswered.ts';
import type { Service } from '../../../src/model/kubernetes.ts';
import type { Listener } from '../../../src/model/NodeFacts.ts';
import { aMissing, aSnapshot, codesOf, type NodeChanges, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aService, ciliumConfig } from '../../support/healthy.ts';
import { aFrontendKey } from '../../support/keys.ts';
import { balanced, shop, shopCluster } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const port = 31_999;
const local = { externalTrafficPolicy: 'Local', healthCheckNodePort: port } as const;
const asked = (service: Service = shop(local)): Service => balanced(service, '192.0.2.1');

const health: Listener = { address: '127.0.0.1', port: 9879, isAgent: true };
const agents: Listener = { address: '*', port, isAgent: true };
const others: Listener = { address: '0.0.0.0', port };
const programmed = (service: string, type = 'LoadBalancer'): NodeChanges => ({
  frontendStates: [
    { frontend: aFrontendKey('192.0.2.1:80/TCP'), type, service, status: 'Done', forSeconds: 60, error: '' },
  ],
});
const known = programmed('default/shop');
const open: NodeChanges = { ...known, listeners: [health, agents] };

/** n1 answers, and n2 is so. */
const onN2 = (n2: NodeChanges, service = asked(), version = '1.20.2'): SnapshotChanges =>
  shopCluster({ services: [service], version, n1: open, n2: { ...known, ...n2 } });
const young = asked(shop(local, { creationTimestamp: '2026-11-21T09:59:30Z' }));
const taken = { listeners: [health, others] };

const off = new Map([...ciliumConfig, ['enable-health-check-nodeport', 'false']]);
standardCases(healthChecksAnswered, {
  healthy: onN2(open),
  faulty: {
    KPR1011: {
      healthPortTaken: onN2(taken),
      healthPortClosed: onN2({ listeners: [health] }),
      frontend: { raisedBy: agentsFaultless },
      conflict: { raisedBy: agentsFaultless },
      module: { raisedBy: agentsFaultless },
      moduleConflict: { raisedBy: agentsFaultless },
      staleHostPort: { raisedBy: agentsFaultless },
      datapath: { raisedBy: agentsFaultless },
      detachFails: { raisedBy: agentsFaultless },
      moduleAround: { raisedBy: agentsFaultless },
      controller: { raisedBy: agentsFaultless },
      stale: { raisedBy: agentsFaultless },
    },
  },
  notApplicable: {},
  hostile: (text) => {
    const named = aService(text, local);
    return onN2({ ...programmed(`default/${text}`), ...taken }, asked(named));
  },
});

const nothing = ['skipped: no Service has a port for the health checks of its load balancer'];

test.each<[string, SnapshotChanges, string[]]>([
  ['another process has the port', onN2(taken), ['KPR1011 n2']],
  ['the agent has it beside another', onN2({ listeners: [health, others, agents] }), []],
  [
    'the agent says so itself, as those before 1.20 do',
    onN2({
      ...taken,
      moduleHealth: [
        {
          module: 'agent.controlplane.loadbalancer-healthserver',
          component: 'job-listener-31999',
          level: 'Degraded',
          message: '',
          error: `listen tcp :${port}: bind: address already in use`,
          lastOk: undefined,
        },
      ],
    }),
    [],
  ],
  ['an agent before 1.20 does not complain', onN2(taken, asked(), '1.19.6'), []],
  [
    'whether it complains was not read',
    onN2({ ...taken, moduleHealth: aMissing('timeout') }, asked(), '1.19.6'),
    ['KPR1011 n2'],
  ],
  ['the container shows no process', onN2({ listeners: [others] }), ['unknown n2 absent']],
  ['listeners were not read', onN2({ listeners: aMissing('timeout') }), ['unknown n2 timeout']],
  ['the agent is not to serve it', onN2({ ...programmed('default/shop', 'ClusterIP'), ...taken }), []],
  ['what it serves is not known', onN2({ frontendStates: aMissing('absent'), ...taken }), ['KPR1011 n2']],
  ['nobody has it, and it was made just now', onN2({ listeners: [health] }, young), []],
  ['another has it, and it was made just now', onN2(taken, young), ['KPR1011 n2']],
  ['no health is asked for', onN2(taken, asked(shop({ ...local, externalTrafficPolicy: 'Cluster' }))), nothing],
  ['agents were told not to answer', onN2({ ...taken, startedConfig: off }), []],
])('%s', (_, changes, expected) => {
  expect(codesOf(healthChecksAnswered, aSnapshot(changes))).toEqual(expected);
});
