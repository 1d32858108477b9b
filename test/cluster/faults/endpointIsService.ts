import { defineFault } from '../lib/Fault.ts';
import { clusterIPOf } from '../lib/objects.ts';
import { objects, service, slice } from '../lib/services.ts';

const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];

export default defineFault({
  id: 'endpoint-is-service',
  title: 'a hand-made EndpointSlice leads to the ClusterIP of another Service',
  expect: [{ code: 'KPR5009', object: 'default/chained' }],
  remedy: { not: 'which servers are meant, its author knows' },
  inject: async (bed) => {
    const endpoints = [{ addresses: [await clusterIPOf(bed, 'httpd')], conditions: { ready: true } }];
    const chained = service('chained', { ports: [{ name: 'http', port: 80 }] });
    return objects(chained, slice({ name: 'chained-1', of: 'chained', ports, endpoints })).create(bed);
  },
});
