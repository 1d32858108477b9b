import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const chain = 'FLANNEL-POSTRTG';
const nat = (bed: Bed, ...args: string[]): Promise<string> => bed.node('n2', 'iptables-nft', '-t', 'nat', ...args);

/** The rules are for a network that is nobody’s, so that no connection of the bed meets them. */
export default defineFault({
  id: 'foreign-rules-left',
  title: 'Flannel’s rules left on n2, its DaemonSet gone',
  expect: [{ code: 'KPR3009', nodes: ['n2'] }],
  exitCode: 0,
  remedy: 'executed',
  tidy: async (bed) => {
    await nat(bed, '-F', chain);
    await nat(bed, '-X', chain);
  },
  inject: async (bed) => {
    await nat(bed, '-N', chain);
    await nat(bed, '-A', chain, '-s', '198.51.100.0/24', '-j', 'MASQUERADE');
    await nat(bed, '-A', 'POSTROUTING', '-m', 'comment', '--comment', 'flanneld masq', '-j', chain);
    return async () => {
      await nat(bed, '-D', 'POSTROUTING', '-m', 'comment', '--comment', 'flanneld masq', '-j', chain);
      await nat(bed, '-F', chain);
      await nat(bed, '-X', chain);
    };
  },
});
