import { cleanedUp } from '../lib/cleanedUp.ts';
import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'legacy-rule-left',
  title: 'a rule of kube-proxy left in the legacy iptables backend of n2',
  expect: [{ code: 'KPR3003', nodes: ['n2'] }],
  remedy: { decided: cleanedUp },
  inject: async (bed) => {
    const legacy = (...args: string[]): Promise<string> => bed.node('n2', 'iptables-legacy', '-t', 'filter', ...args);
    await legacy('-N', 'KUBE-SERVICES');
    await legacy(
      '-A',
      'KUBE-SERVICES',
      '-d',
      '10.96.77.77/32',
      '-p',
      'tcp',
      '-m',
      'tcp',
      '--dport',
      '80',
      '-j',
      'REJECT',
    );
    await legacy('-I', 'OUTPUT', '-m', 'comment', '--comment', 'kubernetes service portals', '-j', 'KUBE-SERVICES');
    return async () => {
      await legacy('-D', 'OUTPUT', '1');
      await legacy('-F', 'KUBE-SERVICES');
      await legacy('-X', 'KUBE-SERVICES');
    };
  },
});
