import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const patchConfig = ['-n', 'kube-system', 'patch', 'configmap', 'cilium-config', '--type=merge', '-p'] as const;

const setName = (bed: Bed, name: string | null): Promise<string> =>
  bed.kubectl(...patchConfig, JSON.stringify({ data: { 'k8s-service-proxy-name': name } }));

export default defineFault({
  id: 'proxy-name-set',
  title:
    'cilium-config leaves all Services without a label to another proxy, which is not there: from the next start on',
  expect: [{ code: 'KPR1005', nodes: ['n1', 'n2'] }],
  remedy: 'executed',
  cleanWithin: 60,
  inject: async (bed) => {
    await setName(bed, 'cilium');
    return () => setName(bed, null);
  },
});
