import { defineFault } from '../lib/Fault.ts';
import type { Bed } from '../lib/Bed.ts';

const nodes = ['n1', 'n2'] as const;

export default defineFault({
  id: 'reverse-filter',
  title: 'rp_filter is 1 for all links of both nodes, as a sysctl file of systemd sets it',
  expect: [{ code: 'KPR1019', nodes }],
  // Nobody tells any more whether pods are ready.
  also: ['KPR1017', 'KPR2005', 'KPR5011', 'KPR6001', 'KPR6002'],
  cleanWithin: 90,
  remedy: 'executed',
  inject: async (bed) => {
    await filter(bed, 1);
    return () => filter(bed, 0);
  },
});

async function filter(bed: Bed, value: 0 | 1): Promise<void> {
  const command = `for file in /proc/sys/net/ipv4/conf/*/rp_filter; do echo ${value} > "$file"; done`;
  for (const node of nodes) await bed.node(node, 'bash', '-c', command);
}
