import { defineFault } from '../lib/Fault.ts';
import { changeEntry, findEntry, serviceKey, withByte } from '../lib/lbMaps.ts';
import { clusterIPOf } from '../lib/objects.ts';

export default defineFault({
  id: 'backend-changed',
  title: 'the address of one backend changed in the map of n1: it goes where no pod is',
  expect: [{ code: 'KPR4003', nodes: ['n1'], object: 'default/httpd' }],
  remedy: 'executed',
  inject: async (bed) => {
    const key = serviceKey(await clusterIPOf(bed, 'httpd'), 80, 1, 'TCP');
    const slot = await findEntry(bed, 'n1', 'lb4_services_v2', (entry) => entry.key.join() === key.join());
    // A slot's value begins with the backend's ID, a backend's with its address.
    return changeEntry(bed, 'n1', 'lb4_backends_v3', slot.value.slice(0, 4), (value) => withByte(value, 3, 253));
  },
});
