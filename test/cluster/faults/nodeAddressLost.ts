import { defineFault } from '../lib/Fault.ts';
import type { Bed } from '../lib/Bed.ts';

export default defineFault({
  id: 'node-address-lost',
  title: 'n1 has lost its IPv6 address, which Kubernetes still knows it by',
  expect: [{ code: 'KPR1009', nodes: ['n1'] }],
  onlyByName: 'needs a cluster of both families (KPR_MATRIX_DUAL_STACK=1)',
  remedy: { not: 'the address comes from whoever gave it: DHCP, a router, a file' },
  inject: async (bed) => {
    const address = await addressOf(bed);
    await bed.node('n1', 'ip', '-6', 'address', 'del', address, 'dev', 'eth0');
    return () => bed.node('n1', 'ip', '-6', 'address', 'add', address, 'dev', 'eth0', 'nodad');
  },
});

/** With its prefix, as `ip` takes it. */
async function addressOf(bed: Bed): Promise<string> {
  const text = await bed.node('n1', 'ip', '-6', '-o', 'address', 'show', 'dev', 'eth0', 'scope', 'global');
  return /inet6 (\S+)/.exec(text)?.[1] ?? '';
}
