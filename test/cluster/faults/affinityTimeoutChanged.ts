import { defineFault } from '../lib/Fault.ts';
import { changeEntry, serviceKey, withByte } from '../lib/lbMaps.ts';
import { clusterIPOf } from '../lib/objects.ts';

export default defineFault({
  id: 'affinity-timeout-changed',
  title: 'the session affinity timeout of a Service changed in the map of n2',
  expect: [{ code: 'KPR4006', nodes: ['n2'], object: 'default/httpd-local' }],
  remedy: 'executed',
  inject: async (bed) => {
    const key = serviceKey(await clusterIPOf(bed, 'httpd-local'), 80, 0, 'TCP');
    return changeEntry(bed, 'n2', 'lb4_services_v2', key, (value) => withByte(value, 0, 60));
  },
});
