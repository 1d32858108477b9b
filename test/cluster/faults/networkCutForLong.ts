import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'network-cut-for-long',
  title: 'the network of n2 cut for a minute: its node is no longer Ready',
  expect: [{ code: 'KPR1001', nodes: ['n2'] }],
  also: ['KPR9002', 'KPR1002'],
  showsAfter: 60,
  cleanWithin: 120,
  remedy: { not: 'a network is mended elsewhere' },
  inject: async (bed) => {
    await bed.machine('cut', 'n2');
    return () => bed.machine('mend', 'n2');
  },
});
