import { defineFault } from '../lib/Fault.ts';
import { addressBytes, deleteEntries, findEntry } from '../lib/lbMaps.ts';
import { clusterIPOf } from '../lib/objects.ts';

export default defineFault({
  id: 'reverse-nat-deleted',
  title: 'the reverse NAT entry of a Service deleted on n2: answers keep the address of the backend',
  expect: [{ code: 'KPR4005', nodes: ['n2'], object: 'default/httpd' }],
  remedy: 'executed',
  inject: async (bed) => {
    const address = addressBytes(await clusterIPOf(bed, 'httpd')).join(' ');
    const { key } = await findEntry(bed, 'n2', 'lb4_reverse_nat', ({ value }) => value.join(' ').startsWith(address));
    return deleteEntries(bed, 'n2', 'lb4_reverse_nat', [key]);
  },
});
