import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'dns-scaled-down',
  title: 'CoreDNS scaled to 0',
  expect: [{ code: 'KPR6001', object: 'kube-system/kube-dns' }],
  showsAfter: 5,
  cleanWithin: 90,
  remedy: 'executed',
  inject: async (bed) => {
    await bed.kubectl('-n', 'kube-system', 'scale', 'deployment', 'coredns', '--replicas=0');
    return async () => {
      await bed.kubectl('-n', 'kube-system', 'scale', 'deployment', 'coredns', '--replicas=2');
      await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment', 'coredns', '--timeout=90s');
    };
  },
});
