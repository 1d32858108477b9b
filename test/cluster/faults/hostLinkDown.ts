import { defineFault } from '../lib/Fault.ts';
import { restartAgents } from '../lib/objects.ts';

export default defineFault({
  id: 'host-link-down',
  title: 'the link cilium_host of n1 is down, and its routes went with it',
  expect: [{ code: 'KPR1019', nodes: ['n1'] }],
  also: ['KPR1017', 'KPR6002'],
  cleanWithin: 90,
  remedy: 'executed',
  inject: async (bed) => {
    await bed.node('n1', 'ip', 'link', 'set', 'cilium_host', 'down');
    return async () => {
      await bed.node('n1', 'ip', 'link', 'set', 'cilium_host', 'up');
      await restartAgents(bed);
    };
  },
});
