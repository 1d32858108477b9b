import { defineFault } from '../lib/Fault.ts';
import { denyIngress } from '../lib/denyIngress.ts';

export default defineFault({
  id: 'policies-forbid-connect',
  title: 'policies admit nobody but pods of the namespace, and nodes connect: a policy may want it, which is no error',
  expect: [{ code: 'KPR4010', nodes: ['n1', 'n2'] }],
  exitCode: 0,
  flags: ['--connect'],
  remedy: { not: 'nothing is broken' },
  showsAfter: 5,
  inject: denyIngress,
});
