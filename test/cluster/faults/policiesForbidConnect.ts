import { defineFault } from '../lib/Fault.ts';
import { denyIngress } from '../lib/denyIngress.ts';

export default defineFault({
  id: 'policies-forbid-connect',
  title:
    'policies of every namespace admit nobody (default-deny), and nodes connect: a policy may want it, which is no error',
  // Each node does not get to the pods of the other.
  expect: [
    { code: 'KPR4010', nodes: ['n1'] },
    { code: 'KPR4010', nodes: ['n2'] },
  ],
  exitCode: 0,
  flags: ['--connect'],
  remedy: { not: 'nothing is broken' },
  showsAfter: 5,
  inject: (bed) => denyIngress(bed, 'nobody'),
});
