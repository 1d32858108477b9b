import { defineFault } from '../lib/Fault.ts';
import { restartAgents } from '../lib/objects.ts';

export default defineFault({
  id: 'route-gone',
  title: 'the route of n1 to the pods of n2 is gone, as a network manager takes away what it does not know',
  expect: [{ code: 'KPR1019', nodes: ['n1'] }],
  also: ['KPR1017', 'KPR6002'],
  cleanWithin: 60,
  remedy: 'executed',
  inject: async (bed) => {
    await bed.node('n1', 'ip', 'route', 'del', '10.244.2.0/24');
    return () => restartAgents(bed);
  },
});
