import { defineFault } from '../lib/Fault.ts';
import { refuseConnects } from '../lib/refuseConnects.ts';

export default defineFault({
  id: 'connect-refused',
  title: 'a program at the root cgroup of n1, as of security software, refuses addresses of Services and pods',
  expect: [{ code: 'KPR1018', nodes: ['n1'] }],
  also: ['KPR1017', 'KPR2005', 'KPR6002'],
  remedy: { not: 'whoever loaded the program takes it away' },
  inject: (bed) => refuseConnects(bed, 'n1'),
});
