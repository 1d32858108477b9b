import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';
import { restartAgents, setConfig } from '../lib/objects.ts';

async function setRanges(bed: Bed, ranges: string | null): Promise<void> {
  await setConfig(bed, { 'nodeport-addresses': ranges });
  await restartAgents(bed);
}

const printed = (ranges: string): string =>
  `kubectl -n kube-system patch configmap cilium-config --type merge -p '{"data":{"nodeport-addresses":"${ranges}"}}'`;

export default defineFault({
  id: 'node-port-ranges-elsewhere',
  title: 'NodePorts are to be served at addresses of a range in which no node has one',
  expect: [{ code: 'KPR1009', nodes: ['n1', 'n2'] }],
  showsAfter: 5,
  cleanWithin: 120,
  remedy: { decided: { [printed('RANGES')]: printed('172.16.0.0/12') } },
  tidy: (bed) => setRanges(bed, null),
  inject: async (bed) => {
    await setRanges(bed, '10.0.0.0/8');
    return () => setRanges(bed, null);
  },
});
