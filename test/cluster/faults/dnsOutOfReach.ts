import type { Bed } from '../lib/Bed.ts';
import { onOneNode } from '../lib/dnsServers.ts';
import { defineFault } from '../lib/Fault.ts';
import { addRule, clearTable, removeRule } from '../lib/takingRule.ts';

async function tidy(bed: Bed): Promise<void> {
  await clearTable(bed);
  await onOneNode(bed, null);
}

export default defineFault({
  id: 'dns-out-of-reach',
  title:
    'all servers of cluster DNS are on n2, and a rule of n1 (ip rule) takes what it sends there: n1 resolves no name',
  expect: [
    { code: 'KPR1019', nodes: ['n1'] },
    { code: 'KPR6002', nodes: ['n1'], object: 'kube-system/kube-dns', from: 'KPR1019' },
  ],
  also: ['KPR1017'],
  showsAfter: 5,
  cleanWithin: 90,
  remedy: { decided: { [removeRule]: removeRule } },
  tidy,
  inject: async (bed) => {
    await onOneNode(bed, 'n2');
    const repair = await addRule(bed);
    return async () => {
      await repair();
      await onOneNode(bed, null);
    };
  },
});
