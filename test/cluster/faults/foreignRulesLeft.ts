import { defineFault } from '../lib/Fault.ts';

/** The rules are for a network that is nobody’s, so that no connection of the bed meets them. */
export default defineFault({
  id: 'foreign-rules-left',
  title: 'Flannel’s rules left on n2, its DaemonSet gone',
  expect: [{ code: 'KPR3009', nodes: ['n2'] }],
  exitCode: 0,
  inject: async (bed) => {
    const nat = (...args: string[]): Promise<string> => bed.node('n2', 'iptables-nft', '-t', 'nat', ...args);
    await nat('-N', 'FLANNEL-POSTRTG');
    await nat('-A', 'FLANNEL-POSTRTG', '-s', '198.51.100.0/24', '-j', 'MASQUERADE');
    await nat('-A', 'POSTROUTING', '-m', 'comment', '--comment', 'flanneld masq', '-j', 'FLANNEL-POSTRTG');
    return async () => {
      await nat('-D', 'POSTROUTING', '-m', 'comment', '--comment', 'flanneld masq', '-j', 'FLANNEL-POSTRTG');
      await nat('-F', 'FLANNEL-POSTRTG');
      await nat('-X', 'FLANNEL-POSTRTG');
    };
  },
});
