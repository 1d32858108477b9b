import { defineFault } from '../lib/Fault.ts';
import { objects, service, slice } from '../lib/services.ts';

const ports = [{ name: 'http', port: 31_080, protocol: 'TCP' }];

export default defineFault({
  id: 'endpoint-is-node-port',
  title: 'a hand-made EndpointSlice leads to a nodePort on n2, which n2 itself does not translate again',
  expect: [{ code: 'KPR5009', object: 'default/chained' }],
  exitCode: 0,
  remedy: { not: 'which servers are meant, its author knows' },
  inject: async (bed) => {
    const path = 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}';
    const [address = ''] = (await bed.kubectl('get', 'node', 'n2', '-o', path)).split(' ');
    const endpoints = [{ addresses: [address], conditions: { ready: true } }];
    const chained = service('chained', { ports: [{ name: 'http', port: 80 }] });
    return objects(chained, slice({ name: 'chained-1', of: 'chained', ports, endpoints })).create(bed);
  },
});
