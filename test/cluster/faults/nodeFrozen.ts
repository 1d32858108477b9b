import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'node-frozen',
  title: 'the machine of n2 stands still: no kubelet, no agent, nothing answers',
  expect: [{ code: 'KPR1001', nodes: ['n2'] }],
  also: ['KPR9002', 'KPR1002'],
  showsAfter: 55,
  cleanWithin: 120,
  remedy: { not: 'a machine is started elsewhere' },
  inject: async (bed) => {
    await bed.machine('freeze', 'n2');
    return () => bed.machine('thaw', 'n2');
  },
});
