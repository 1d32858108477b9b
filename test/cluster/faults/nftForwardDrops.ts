import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const change = String.raw`bash -c 'nft '\''chain inet filter forward { policy accept; }'\'''`;

export default defineFault({
  id: 'nft-forward-drops',
  title: 'nftables.service of both nodes brings a chain whose policy drops all that is forwarded',
  expect: [{ code: 'KPR1018', nodes: ['n1', 'n2'] }],
  also: ['KPR1017', 'KPR6002'],
  remedy: { decided: { [change]: change } },
  tidy: (bed) => deleteTables(bed),
  inject: async (bed) => {
    const ruleset = 'table inet filter { chain forward { type filter hook forward priority 0; policy drop; }; }';
    for (const node of ['n1', 'n2']) await bed.node(node, 'nft', ruleset);
    return () => deleteTables(bed);
  },
});

async function deleteTables(bed: Bed): Promise<void> {
  for (const node of ['n1', 'n2']) await bed.node(node, 'nft', 'delete', 'table', 'inet', 'filter');
}
