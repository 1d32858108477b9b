import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';
import { restartAgents, setConfig } from '../lib/objects.ts';

const setAcceleration = (bed: Bed, value: string): Promise<string> => setConfig(bed, { 'bpf-lb-acceleration': value });

export default defineFault({
  id: 'config-drift',
  title: 'cilium-config changed without a restart of the agents',
  expect: [{ code: 'KPR1005', nodes: ['n1', 'n2'] }],
  exitCode: 0,
  remedy: 'executed',
  cleanWithin: 90,
  tidy: async (bed) => {
    await setAcceleration(bed, 'disabled');
    await restartAgents(bed);
  },
  inject: async (bed) => {
    await setAcceleration(bed, 'best-effort');
    return () => setAcceleration(bed, 'disabled');
  },
});
