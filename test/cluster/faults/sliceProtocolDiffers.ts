import { defineFault } from '../lib/Fault.ts';
import { edited, objects, service, slice } from '../lib/services.ts';

const ports = (protocol: string) => [{ name: 'syslog', port: 514, protocol }];
const { create, remove } = objects(
  service('syslog', { ports: ports('UDP') }),
  slice({ name: 'syslog-1', of: 'syslog', ports: ports('TCP') }),
);

export default defineFault({
  id: 'slice-protocol-differs',
  title: 'a Service asks for UDP, and its hand-made EndpointSlice has the port with TCP',
  expect: [{ code: 'KPR5009', object: 'default/syslog' }],
  remedy: { decided: edited('syslog', { spec: { ports: ports('TCP') } }) },
  tidy: remove,
  inject: create,
});
