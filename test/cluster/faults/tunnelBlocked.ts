import { defineFault } from '../lib/Fault.ts';

const rule = ['PREROUTING', '-p', 'udp', '--dport', '8472', '-j', 'DROP'] as const;

export default defineFault({
  id: 'tunnel-blocked',
  title: 'the tunnel (UDP 8472) is blocked on its way to n2, as by a firewall between nodes',
  // Of two nodes that do not reach each other, neither is the one; here the firewall is a node's own, and is seen.
  expect: [
    { code: 'KPR1018', nodes: ['n2'] },
    { code: 'KPR1017', nodes: ['n1', 'n2'], from: 'KPR1018' },
  ],
  also: ['KPR6002'],
  remedy: { not: 'a firewall is opened elsewhere' },
  inject: async (bed) => {
    await bed.node('n2', 'iptables', '-t', 'raw', '-I', ...rule);
    return () => bed.node('n2', 'iptables', '-t', 'raw', '-D', ...rule);
  },
});
