import { defineFault } from '../lib/Fault.ts';
import { objects, service, slice } from '../lib/services.ts';

const ports = [{ name: 'http', port: 80 }];
const names = slice({ name: 'named-1', of: 'named', ports, endpoints: [{ addresses: ['www.example.org'] }] });
const { create, remove } = objects(service('named', { ports }), { ...names, addressType: 'FQDN' });

const see = 'kubectl -n default get endpointslices -l kubernetes.io/service-name=named -o yaml';
const second = JSON.stringify({ spec: { type: 'ExternalName', externalName: 'www.example.org' } });

export default defineFault({
  id: 'endpoints-are-names',
  title: 'a hand-made EndpointSlice gives a name instead of addresses (addressType FQDN), of which agents make nothing',
  expect: [{ code: 'KPR5009', object: 'default/named' }],
  exitCode: 0,
  remedy: {
    decided: {
      [see]: `kubectl -n default delete endpointslice named-1 && kubectl -n default patch service named --type merge -p '${second}'`,
    },
  },
  tidy: remove,
  inject: create,
});
