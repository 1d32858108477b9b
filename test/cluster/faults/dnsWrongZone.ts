import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

async function setZone(bed: Bed, from: string, to: string): Promise<void> {
  const file = await bed.kubectl('-n', 'kube-system', 'get', 'configmap', 'coredns', '-o', 'jsonpath={.data.Corefile}');
  const patch = JSON.stringify({ data: { Corefile: file.replace(`kubernetes ${from} `, `kubernetes ${to} `) } });
  await bed.kubectl('-n', 'kube-system', 'patch', 'configmap', 'coredns', '--type', 'merge', '-p', patch);
  await bed.kubectl('-n', 'kube-system', 'rollout', 'restart', 'deployment', 'coredns');
  await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment', 'coredns', '--timeout=90s');
}

export default defineFault({
  id: 'dns-wrong-zone',
  title: 'CoreDNS is configured for another zone than the cluster’s: it is reached, and answers with an error',
  expect: [{ code: 'KPR6002', nodes: ['n1', 'n2'] }],
  remedy: { not: 'which zone is meant only a person knows' },
  showsAfter: 10,
  cleanWithin: 90,
  inject: async (bed) => {
    await setZone(bed, 'cluster.local', 'example.local');
    return () => setZone(bed, 'example.local', 'cluster.local');
  },
});
