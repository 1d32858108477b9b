import { emptyDns } from '../lib/dnsRows.ts';
import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'dns-without-backend',
  title:
    'the counts of cluster DNS lowered to 0 in the map of n2: no backend can be chosen, and no name resolves there',
  expect: [
    { code: 'KPR4005', nodes: ['n2'], object: 'kube-system/kube-dns' },
    { code: 'KPR6002', nodes: ['n2'], from: 'KPR4005' },
  ],
  remedy: 'executed',
  inject: emptyDns,
});
