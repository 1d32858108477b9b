import { defineFault } from '../lib/Fault.ts';
import { objects, overHttpd, pod, service, slice } from '../lib/services.ts';

const web = [{ name: 'http', port: 80 }];
const leaving = { conditions: { ready: false, serving: true, terminating: true } };
const affinity = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_400 } } };
const bothProtocols = ['TCP', 'UDP'].map((protocol) => ({
  name: protocol.toLowerCase(),
  protocol,
  port: 5300,
  targetPort: 80,
  nodePort: 31_530,
}));

const { create } = objects(
  service('leaving', { ports: web }),
  slice({ name: 'leaving-1', of: 'leaving', ports: web, endpoints: [{ addresses: ['198.51.100.8'], ...leaving }] }),
  pod('unready', 'n2', { readinessProbe: { tcpSocket: { port: 9 }, periodSeconds: 2 } }),
  service('unready', { selector: { app: 'unready' }, publishNotReadyAddresses: true, ports: web }),
  service('headless', overHttpd({ clusterIP: 'None' })),
  service('both-protocols', overHttpd({ type: 'NodePort', ports: bothProtocols })),
  service('day-long', overHttpd(affinity)),
  service('elsewhere', { type: 'ExternalName', externalName: 'www.example.org' }),
  service('by-hand', { ports: web }),
  slice({ name: 'by-hand-1', of: 'by-hand', ports: web }),
);

export default defineFault({
  id: 'odd-services',
  title:
    'Services that are in order and not usual: all endpoints terminating, publishNotReadyAddresses, headless, TCP and UDP on one nodePort, affinity of 24 hours, ExternalName, a hand-made EndpointSlice',
  expect: [],
  remedy: { not: 'nothing is wrong' },
  inject: create,
});
