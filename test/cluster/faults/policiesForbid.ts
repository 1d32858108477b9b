import { defineFault } from '../lib/Fault.ts';
import { denyIngress } from '../lib/denyIngress.ts';

export default defineFault({
  id: 'policies-forbid',
  title:
    'policies of every namespace admit nobody but its own pods: nodes do not reach those of others, as it should be',
  expect: [],
  exitCode: 0,
  remedy: { not: 'nothing is broken' },
  showsAfter: 5,
  inject: (bed) => denyIngress(bed, 'neighbours'),
});
