import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'tunnel-down',
  title: 'the link cilium_vxlan of n1 is down',
  expect: [
    { code: 'KPR1019', nodes: ['n1'] },
    { code: 'KPR1017', nodes: ['n1', 'n2'], from: 'KPR1019' },
  ],
  also: ['KPR6002'],
  cleanWithin: 60,
  remedy: 'executed',
  inject: async (bed) => {
    await bed.node('n1', 'ip', 'link', 'set', 'cilium_vxlan', 'down');
    return () => bed.node('n1', 'ip', 'link', 'set', 'cilium_vxlan', 'up');
  },
});
