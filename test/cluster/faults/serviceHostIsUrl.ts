import { defineFault } from '../lib/Fault.ts';
import { setApiServer } from '../lib/objects.ts';

export default defineFault({
  id: 'service-host-is-url',
  title: 'k8sServiceHost given as a URL',
  expect: [{ code: 'KPR2004' }],
  also: ['KPR1001', 'KPR9002'],
  // The agents end at start everywhere: no node can be read.
  exitCode: 2,
  showsAfter: 15,
  cleanWithin: 150,
  remedy: 'executed',
  inject: (bed) => setApiServer(bed, 'https://172.30.0.1', 6443),
});
