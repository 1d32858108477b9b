import { defineFault } from '../lib/Fault.ts';
import { objects, pod } from '../lib/services.ts';

/** The nodePort of default/httpd-np. */
const hostPort = 31_080;
const { create } = objects(pod('door', 'n2', { ports: [{ containerPort: 80, hostPort }] }));

export default defineFault({
  id: 'host-port-is-node-port',
  title: 'the hostPort of a pod is the nodePort of a Service',
  expect: [{ code: 'KPR5004', object: 'default/door' }],
  also: ['KPR5003'],
  remedy: { not: 'the number stands in a workload of somebody, and its clients know it' },
  inject: create,
});
