import { defineFault } from '../lib/Fault.ts';
import { addressBytes, deleteEntries, findEntries, findEntry } from '../lib/lbMaps.ts';
import { clusterIPOf } from '../lib/objects.ts';

export default defineFault({
  id: 'affinity-match-deleted',
  title: 'the entries deleted by which clients of a Service with session affinity stay with a backend, on n2',
  expect: [{ code: 'KPR4006', nodes: ['n2'], object: 'default/httpd-local' }],
  remedy: 'executed',
  inject: async (bed) => {
    const address = addressBytes(await clusterIPOf(bed, 'httpd-local')).join(' ');
    const { key: id } = await findEntry(bed, 'n2', 'lb4_reverse_nat', ({ value }) =>
      value.join(' ').startsWith(address),
    );
    // Key: backend ID (4 bytes), service ID (2), 2 bytes.
    const entries = await findEntries(
      bed,
      'n2',
      'lb_affinity_match',
      ({ key }) => key.slice(4, 6).join() === id.join(),
    );
    return deleteEntries(
      bed,
      'n2',
      'lb_affinity_match',
      entries.map(({ key }) => key),
    );
  },
});
