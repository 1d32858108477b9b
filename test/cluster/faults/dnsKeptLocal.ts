import type { Bed } from '../lib/Bed.ts';
import { onOneNode } from '../lib/dnsServers.ts';
import { defineFault } from '../lib/Fault.ts';

const setPolicy = (bed: Bed, internalTrafficPolicy: string): Promise<string> =>
  bed.kubectl(
    '-n',
    'kube-system',
    'patch',
    'service',
    'kube-dns',
    '--type=merge',
    '-p',
    JSON.stringify({ spec: { internalTrafficPolicy } }),
  );

export default defineFault({
  id: 'dns-kept-local',
  title: 'internalTrafficPolicy of cluster DNS is Local, and all of its servers are on n2: n1 resolves no name',
  expect: [{ code: 'KPR6002', nodes: ['n1'], object: 'kube-system/kube-dns' }],
  showsAfter: 5,
  cleanWithin: 90,
  remedy: 'executed',
  tidy: (bed) => onOneNode(bed, null),
  inject: async (bed) => {
    await onOneNode(bed, 'n2');
    await setPolicy(bed, 'Local');
    return async () => {
      await setPolicy(bed, 'Cluster');
      await onOneNode(bed, null);
    };
  },
});
