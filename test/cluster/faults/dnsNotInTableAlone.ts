import { deleteDns } from '../lib/dnsRows.ts';
import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'dns-not-in-table-alone',
  title: 'cluster DNS deleted from the map of n2, and nothing else is asked about, so that the remedy is its own',
  expect: [{ code: 'KPR6002', nodes: ['n2'], object: 'kube-system/kube-dns' }],
  flags: ['--check', 'cluster-dns-answers'],
  remedy: 'executed',
  inject: deleteDns,
});
