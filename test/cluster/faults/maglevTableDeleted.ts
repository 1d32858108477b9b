import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';
import { addressBytes, deleteEntries, findEntry, portBytes } from '../lib/lbMaps.ts';
import { restartAgents } from '../lib/objects.ts';

async function choose(bed: Bed, algorithm: 'maglev' | 'random'): Promise<void> {
  const patch = JSON.stringify({ data: { 'bpf-lb-algorithm': algorithm } });
  await bed.kubectl('-n', 'kube-system', 'patch', 'configmap', 'cilium-config', '--type=merge', '-p', patch);
  await restartAgents(bed);
}

export default defineFault({
  id: 'maglev-table-deleted',
  title: 'the Maglev table of a NodePort deleted on n2: its rows are right, and clients outside get nothing',
  expect: [{ code: 'KPR4005', nodes: ['n2'], object: 'default/httpd-np' }],
  cleanWithin: 60,
  remedy: 'executed',
  tidy: (bed) => choose(bed, 'random'),
  inject: async (bed) => {
    await choose(bed, 'maglev');
    const address = await bed.kubectl('get', 'node', 'n2', '-o', 'jsonpath={.status.addresses[0].address}');
    const frontend = [...addressBytes(address), ...portBytes(31_080), '0x00', '0x00'];
    const row = await findEntry(bed, 'n2', 'lb4_services_v2', ({ key }) => key.slice(0, 8).join() === frontend.join());
    // The service ID, in network order in both maps (bpf/lib/common.h, lb4_service).
    await deleteEntries(bed, 'n2', 'lb4_maglev', [row.value.slice(6, 8)]);
    return () => choose(bed, 'random');
  },
});
