import { changeDnsPorts } from '../lib/dnsPorts.ts';
import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'dns-without-udp',
  title: 'the Service of cluster DNS has lost its port for UDP',
  expect: [{ code: 'KPR6001', object: 'kube-system/kube-dns' }],
  showsAfter: 2,
  remedy: 'executed',
  inject: (bed) => changeDnsPorts(bed, (ports) => ports.filter(({ protocol }) => protocol !== 'UDP')),
});
