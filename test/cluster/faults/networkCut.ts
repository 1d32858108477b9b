import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'network-cut',
  title: 'the network of n2 cut a moment ago: its node is still Ready, its agent cannot be asked',
  expect: [{ code: 'KPR9002', nodes: ['n2'] }],
  // One of the two DNS servers is behind the cut.
  also: ['KPR6002'],
  showsAfter: 2,
  cleanWithin: 60,
  remedy: { not: 'a network is mended elsewhere' },
  inject: async (bed) => {
    await bed.machine('cut', 'n2');
    return () => bed.machine('mend', 'n2');
  },
});
