import { changeDnsPorts } from '../lib/dnsPorts.ts';
import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'dns-port-elsewhere',
  title: 'cluster DNS leads to a port of its servers at which nobody listens',
  expect: [{ code: 'KPR6002', nodes: ['n1', 'n2'], object: 'kube-system/kube-dns' }],
  showsAfter: 5,
  remedy: { not: 'at which port the servers are to listen, their author knows' },
  inject: (bed) =>
    changeDnsPorts(bed, (ports) =>
      ports.map((one) => (one.port === 53 ? Object.assign({}, one, { targetPort: 5353 }) : one)),
    ),
});
