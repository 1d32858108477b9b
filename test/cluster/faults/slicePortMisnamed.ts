import { defineFault } from '../lib/Fault.ts';
import { edited, objects, service, slice } from '../lib/services.ts';

const ports = (name: string) => [{ name, port: 80 }];
const { create, remove } = objects(
  service('by-hand', { ports: ports('http') }),
  slice({ name: 'by-hand-1', of: 'by-hand', ports: [{ name: 'web', port: 8080 }] }),
);

export default defineFault({
  id: 'slice-port-misnamed',
  title: 'a hand-made EndpointSlice calls its port otherwise than the Service',
  expect: [{ code: 'KPR5009', object: 'default/by-hand' }],
  remedy: { decided: edited('by-hand', { spec: { ports: ports('web') } }) },
  tidy: remove,
  inject: create,
});
