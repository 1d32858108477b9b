import { defineFault } from '../lib/Fault.ts';
import { setConfig } from '../lib/objects.ts';

export default defineFault({
  id: 'devices-not-there',
  title: 'cilium-config names devices that no node has: agents run as before, and would not start again',
  expect: [{ code: 'KPR1005', nodes: ['n1', 'n2'] }],
  remedy: 'executed',
  cleanWithin: 60,
  inject: async (bed) => {
    await setConfig(bed, { devices: 'eth7' });
    return () => setConfig(bed, { devices: null });
  },
});
