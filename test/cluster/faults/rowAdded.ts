import { defineFault } from '../lib/Fault.ts';
import { copyEntry, serviceKey } from '../lib/lbMaps.ts';
import { clusterIPOf } from '../lib/objects.ts';

export default defineFault({
  id: 'row-added',
  title: 'a frontend that no Service asks for written into the map of n1',
  expect: [{ code: 'KPR4004', nodes: ['n1'] }],
  exitCode: 0,
  // The copied row has the reverse NAT of the row that it was copied from.
  also: ['KPR4005'],
  remedy: 'executed',
  inject: async (bed) => {
    const from = serviceKey(await clusterIPOf(bed, 'empty'), 80, 0, 'TCP');
    return copyEntry(bed, 'n1', 'lb4_services_v2', from, serviceKey('10.96.255.254', 80, 0, 'TCP'));
  },
});
