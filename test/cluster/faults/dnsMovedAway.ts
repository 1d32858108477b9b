import { setTimeout as sleep } from 'node:timers/promises';
import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const namespace = ['-n', 'kube-system'] as const;

/** As a new installation of it does: the address of a Service cannot be changed. */
async function makeAnew(bed: Bed, clusterIP: string): Promise<void> {
  const { metadata, spec }: { readonly metadata: object; readonly spec: object } = JSON.parse(
    await bed.kubectl(...namespace, 'get', 'service', 'kube-dns', '-o', 'json'),
  );
  const { labels } = Object.assign({ labels: {} }, metadata);
  await bed.kubectl(...namespace, 'delete', 'service', 'kube-dns', '--wait=true');
  await bed.kubectl(...namespace, 'delete', '--ignore-not-found', 'service', 'kube-dns-as-configured');
  // Agents that hear of both at once refuse the address, and with it all that came with it, for half a minute.
  await sleep(3000);
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kube-dns', namespace: 'kube-system', labels },
    spec: { ...spec, clusterIP, clusterIPs: [clusterIP] },
  };
  await bed.apply(JSON.stringify(service));
}

async function repair(bed: Bed): Promise<void> {
  await makeAnew(bed, '10.96.0.10');
  await bed.kubectl(...namespace, 'delete', 'configmap', 'kubelet-config');
}

export default defineFault({
  id: 'dns-moved-away',
  title: 'the Service of cluster DNS was made anew with another address, and kubelets send pods to the former one',
  expect: [{ code: 'KPR6001', object: 'kube-system/kube-dns' }],
  showsAfter: 5,
  cleanWithin: 60,
  remedy: 'executed',
  tidy: repair,
  inject: async (bed) => {
    const kubelet = 'kind: KubeletConfiguration\nclusterDNS: [10.96.0.10]\n';
    await bed.kubectl(...namespace, 'create', 'configmap', 'kubelet-config', `--from-literal=kubelet=${kubelet}`);
    await makeAnew(bed, '10.96.0.20');
    return () => repair(bed);
  },
});
