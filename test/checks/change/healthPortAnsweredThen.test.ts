import { expect, test } from 'vitest';
import { healthPortAnsweredThen } from '../../../checks/change/healthPortAnsweredThen.ts';
import type { Service } from '../../../src/model/kubernetes.ts';
import { aMissing, aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { aNode, aService, ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const balanced = (spec: Service['spec'] = {}): Service => aService('cart', { type: 'LoadBalancer', ...spec });
const told = new Map([...ciliumConfig, ['kube-proxy-replacement-healthz-bind-address', '0.0.0.0:10256']]);
const asked = (facts: SnapshotChanges['facts'] = {}, provider = 'gce'): SnapshotChanges => ({
  intent: anIntent('remove-kube-proxy'),
  facts: {
    services: [balanced()],
    nodes: ['n1', 'n2'].map((name) => aNode(name, { spec: { providerID: `${provider}://project/zone/${name}` } })),
    ...facts,
  },
});

test.each<[string, SnapshotChanges, string[]]>([
  ['agents are told to, and have not started again yet', asked({ ciliumConfig: told }), []],
  ['nobody told them', asked(), ['KPR8003 n1,n2']],
  [
    'not known what they are told',
    asked({ ciliumConfig: aMissing('forbidden') }),
    ['unknown n1 forbidden', 'unknown n2 forbidden'],
  ],
  ['another provider', asked({}, 'hcloud'), ['skipped: no node is of a provider whose load balancers ask port 10256']],
  [
    'with a health check port of its own',
    asked({ services: [balanced({ externalTrafficPolicy: 'Local' })] }),
    ['skipped: no Service has a load balancer that asks port 10256'],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(healthPortAnsweredThen, aSnapshot(changes))).toEqual(expected);
});

standardCases(healthPortAnsweredThen, {
  healthy: asked({ ciliumConfig: told }),
  faulty: { KPR8003: { nobody: asked() } },
  notApplicable: {},
  hostile: (text) => asked({ ciliumConfig: new Map([...told, ['kube-proxy-replacement-healthz-bind-address', text]]) }),
});
