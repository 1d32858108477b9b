import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';
import { restartAgents, setConfig } from '../lib/objects.ts';

async function setDevices(bed: Bed, devices: string | null): Promise<void> {
  await setConfig(bed, { devices });
  await restartAgents(bed);
}

export default defineFault({
  id: 'devices-lead-nowhere',
  title: 'the devices that agents are told to use are none that leads to another node',
  expect: [{ code: 'KPR1009', nodes: ['n1', 'n2'] }],
  also: ['KPR1011'],
  showsAfter: 5,
  cleanWithin: 120,
  remedy: 'executed',
  tidy: (bed) => setDevices(bed, null),
  inject: async (bed) => {
    await setDevices(bed, 'cilium_net');
    return () => setDevices(bed, null);
  },
});
