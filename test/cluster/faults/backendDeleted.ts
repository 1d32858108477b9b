import { defineFault } from '../lib/Fault.ts';
import { deleteEntries, findEntry, serviceKey } from '../lib/lbMaps.ts';
import { clusterIPOf } from '../lib/objects.ts';

export default defineFault({
  id: 'backend-deleted',
  title: 'the entry of one backend deleted from the map of n2: slots point to nothing',
  expect: [{ code: 'KPR4005', nodes: ['n2'], object: 'default/httpd' }],
  remedy: 'executed',
  inject: async (bed) => {
    const key = serviceKey(await clusterIPOf(bed, 'httpd'), 80, 1, 'TCP');
    const slot = await findEntry(bed, 'n2', 'lb4_services_v2', (entry) => entry.key.join() === key.join());
    return deleteEntries(bed, 'n2', 'lb4_backends_v3', [slot.value.slice(0, 4)]);
  },
});
