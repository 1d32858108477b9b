import { defineFault } from '../lib/Fault.ts';

const rules =
  'add table bridge kpr; add chain bridge kpr stop { type filter hook forward priority 0; }; add rule bridge kpr stop udp dport 8472 drop';

export default defineFault({
  id: 'tunnel-blocked-between',
  title: 'the tunnel (UDP 8472) is blocked between n1 and n2, where no node sees it, as by a security group',
  expect: [{ code: 'KPR1017', nodes: ['n1', 'n2'] }],
  also: ['KPR6002'],
  remedy: { not: 'a firewall between nodes is opened elsewhere' },
  inject: async (bed) => {
    await bed.outside('nft', rules);
    return () => bed.outside('nft', 'delete', 'table', 'bridge', 'kpr');
  },
});
