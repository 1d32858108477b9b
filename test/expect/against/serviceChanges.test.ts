import { expect, it } from 'vitest';
import { serviceChanges } from '../../../src/expect/against/serviceChanges.ts';
import type { Service } from '../../../src/model/kubernetes.ts';
import { aService } from '../../support/lbObjects.ts';

const cases: Readonly<Record<string, Service>> = {
  recreated: aService({ meta: { uid: 'b' } }),
  type: aService({ type: 'NodePort' }),
  ports: aService({ ports: [{ name: 'http', port: 81, protocol: 'TCP' }] }),
  clusterIP: aService({ clusterIP: '10.96.0.10' }),
  externalIPs: aService({ externalIPs: ['203.0.113.1'] }),
  'load balancer address': aService({ status: { loadBalancer: { ingress: [{ ip: '198.51.100.1' }] } } }),
  externalTrafficPolicy: aService({ externalTrafficPolicy: 'Local' }),
  internalTrafficPolicy: aService({ internalTrafficPolicy: 'Local' }),
  sessionAffinity: aService({ sessionAffinity: 'ClientIP' }),
  loadBalancerSourceRanges: aService({ loadBalancerSourceRanges: ['192.0.2.0/24'] }),
  loadBalancerClass: aService({ loadBalancerClass: 'example.com/lb' }),
  healthCheckNodePort: aService({ healthCheckNodePort: 32000 }),
  trafficDistribution: aService({ trafficDistribution: 'PreferClose' }),
  publishNotReadyAddresses: aService({ publishNotReadyAddresses: true }),
  selector: aService({ selector: { app: 'other' } }),
  'service-proxy-name': aService({ meta: { labels: { 'service.kubernetes.io/service-proxy-name': 'other' } } }),
  annotations: aService({ meta: { annotations: { 'service.cilium.io/type': 'ClusterIP' } } }),
};

it.each(Object.entries(cases))('%s', (name, service) => {
  expect(serviceChanges(aService(), service)).toEqual([name]);
  expect(serviceChanges(service, service)).toEqual([]);
});

it('what decides nothing is no change', () => {
  const then = aService({ selector: { a: '1', b: '2' }, meta: { resourceVersion: '1', annotations: { owner: 'me' } } });
  const now = aService({ selector: { b: '2', a: '1' }, meta: { resourceVersion: '2', annotations: { owner: 'you' } } });
  expect(serviceChanges(then, now)).toEqual([]);
});
