import { deleteDns } from '../lib/dnsRows.ts';
import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'dns-not-in-table',
  title: 'cluster DNS deleted from the map of n2, both protocols: no name resolves there',
  expect: [
    { code: 'KPR4001', nodes: ['n2'], object: 'kube-system/kube-dns' },
    { code: 'KPR6002', nodes: ['n2'], from: 'KPR4001' },
  ],
  remedy: 'executed',
  inject: deleteDns,
});
