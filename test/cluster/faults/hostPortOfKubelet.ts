import { defineFault } from '../lib/Fault.ts';
import { objects, pod } from '../lib/services.ts';

export default defineFault({
  id: 'host-port-of-kubelet',
  title: 'the hostPort of a pod on n2 is the kubelet’s port: nobody can exec there',
  expect: [
    { code: 'KPR5003', nodes: ['n2'], object: 'default/thief' },
    { code: 'KPR9002', nodes: ['n2'], from: 'KPR5003' },
  ],
  showsAfter: 2,
  remedy: { not: 'the number stands in a workload of somebody' },
  inject: (bed) => objects(pod('thief', 'n2', { ports: [{ containerPort: 80, hostPort: 10_250 }] })).create(bed),
});
