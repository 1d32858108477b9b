import { defineFault } from '../lib/Fault.ts';
import { objects, pod } from '../lib/services.ts';

const { create } = objects(pod('spelled', 'n1', { ports: [{ containerPort: 80, hostPort: 8087, hostIP: '0.0.0.0' }] }));

export default defineFault({
  id: 'host-port-with-any-address',
  title: 'a hostPort whose hostIP is written out as 0.0.0.0: nobody opens it',
  expect: [{ code: 'KPR5003', object: 'default/spelled' }],
  remedy: { not: 'a pod’s ports cannot be changed: its owner makes it anew' },
  inject: create,
});
