import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const onNode = async (bed: Bed, node: string | null): Promise<void> => {
  const nodeSelector = { 'kubernetes.io/hostname': node };
  const patch = JSON.stringify({ spec: { template: { spec: { nodeSelector } } } });
  await bed.kubectl('-n', 'kube-system', 'patch', 'deployment', 'coredns', '--type=merge', '-p', patch);
  await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment', 'coredns', '--timeout=90s');
};

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
  tidy: (bed) => onNode(bed, null),
  inject: async (bed) => {
    await onNode(bed, 'n2');
    await setPolicy(bed, 'Local');
    return async () => {
      await setPolicy(bed, 'Cluster');
      await onNode(bed, null);
    };
  },
});
