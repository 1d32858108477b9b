import { defineFault } from '../lib/Fault.ts';

const rule = ['PREROUTING', '-p', 'udp', '--dport', '8472', '-j', 'DROP'] as const;

export default defineFault({
  id: 'tunnel-blocked',
  title: 'the tunnel (UDP 8472) is blocked on its way to n2, as by a firewall between nodes',
  expect: [{ code: 'KPR1017', nodes: ['n2'] }],
  // Here the firewall is the node's own, so that it may be seen.
  also: ['KPR1018', 'KPR6002'],
  remedy: { not: 'a firewall is opened elsewhere' },
  inject: async (bed) => {
    await bed.node('n2', 'iptables', '-t', 'raw', '-I', ...rule);
    return () => bed.node('n2', 'iptables', '-t', 'raw', '-D', ...rule);
  },
});
