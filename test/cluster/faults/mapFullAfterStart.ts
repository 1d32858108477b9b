import { defineFault } from '../lib/Fault.ts';
import { setMapMax } from '../lib/objects.ts';

export default defineFault({
  id: 'map-full-after-start',
  title: 'maps too small for the Services, half a minute after the start of the agents',
  expect: [{ code: 'KPR1010', nodes: ['n1', 'n2'] }],
  also: ['KPR2005', 'KPR1011', 'KPR4001', 'KPR4002', 'KPR4003', 'KPR4005', 'KPR6002'],
  showsAfter: 15,
  cleanWithin: 180,
  remedy: { not: 'the size is a value of the person who runs the cluster' },
  inject: async (bed) => {
    await setMapMax(bed, 20);
    return () => setMapMax(bed, 65_536);
  },
});
