import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'mark-chain-dead',
  title:
    'a host port’s chain on n2 that leads to KUBE-MARK-MASQ, whose mark nobody acts on since kube-proxy’s clean-up',
  expect: [{ code: 'KPR3007', nodes: ['n2'] }],
  exitCode: 0,
  remedy: { not: 'whose rules lead there, has to change them: here nobody’s do' },
  inject: async (bed) => {
    const nat = (...args: string[]): Promise<string> => bed.node('n2', 'iptables-nft', '-t', 'nat', ...args);
    await nat('-N', 'KUBE-MARK-MASQ');
    await nat('-A', 'KUBE-MARK-MASQ', '-j', 'MARK', '--set-xmark', '0x4000/0x4000');
    await nat('-N', 'CNI-DN-0123456789abcdef');
    await nat('-A', 'CNI-DN-0123456789abcdef', '-p', 'tcp', '--dport', '8080', '-j', 'KUBE-MARK-MASQ');
    return async () => {
      for (const chain of ['CNI-DN-0123456789abcdef', 'KUBE-MARK-MASQ']) await nat('-F', chain);
      for (const chain of ['CNI-DN-0123456789abcdef', 'KUBE-MARK-MASQ']) await nat('-X', chain);
    };
  },
});
