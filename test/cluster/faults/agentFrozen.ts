import { defineFault } from '../lib/Fault.ts';
import { freezeAgent } from '../lib/objects.ts';

export default defineFault({
  id: 'agent-frozen',
  title: 'the agent of n2 stopped with SIGSTOP, its pod still Running and Ready',
  expect: [{ code: 'KPR1002', nodes: ['n2'] }],
  cleanWithin: 120,
  remedy: 'executed',
  inject: (bed) => freezeAgent(bed, 'n2'),
});
