import { defineFault } from '../lib/Fault.ts';
import { setApiServer } from '../lib/objects.ts';

export default defineFault({
  id: 'service-host-dead',
  title: 'k8sServiceHost is an address at which nobody listens',
  expect: [{ code: 'KPR2002' }],
  also: ['KPR1001', 'KPR9002'],
  showsAfter: 20,
  cleanWithin: 150,
  remedy: { not: 'its first step looks at what is in the way, and fails as long as that is there' },
  inject: (bed) => setApiServer(bed, '172.30.255.99', 6443),
});
