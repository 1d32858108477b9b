import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const setDevices = (bed: Bed, devices: string | null): Promise<string> =>
  bed.kubectl(
    '-n',
    'kube-system',
    'patch',
    'configmap',
    'cilium-config',
    '--type=merge',
    '-p',
    JSON.stringify({ data: { devices } }),
  );

export default defineFault({
  id: 'devices-not-there',
  title: 'cilium-config names devices that no node has: agents run as before, and would not start again',
  expect: [{ code: 'KPR1005', nodes: ['n1', 'n2'] }],
  remedy: 'executed',
  cleanWithin: 60,
  inject: async (bed) => {
    await setDevices(bed, 'eth7');
    return () => setDevices(bed, null);
  },
});
