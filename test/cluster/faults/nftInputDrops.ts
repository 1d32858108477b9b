import { defineFault } from '../lib/Fault.ts';

const change = String.raw`bash -c 'nft '\''chain inet filter input { policy accept; }'\'''`;
/** As an administrator writes it who does not think of pods. */
const ruleset = `table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iif lo accept
    ip protocol icmp accept
    tcp dport { 22, 4240, 6443, 10250 } accept
  }
}`;

export default defineFault({
  id: 'nft-input-drops',
  // Without a tunnel nothing that it drops carries pods.
  title: 'a firewall of nftables on n2 lets nothing in but a few ports of TCP, and the tunnel is not among them',
  expect: [{ code: 'KPR1018', nodes: ['n2'] }],
  also: ['KPR1017', 'KPR6002'],
  cleanWithin: 60,
  remedy: { decided: { [change]: change } },
  tidy: (bed) => bed.node('n2', 'nft', 'delete', 'table', 'inet', 'filter'),
  inject: async (bed) => {
    await bed.node('n2', 'nft', ruleset);
    return () => bed.node('n2', 'nft', 'delete', 'table', 'inet', 'filter');
  },
});
