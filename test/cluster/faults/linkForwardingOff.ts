import { defineFault } from '../lib/Fault.ts';

const setting = 'net.ipv4.conf.cilium_vxlan.forwarding';

export default defineFault({
  id: 'link-forwarding-off',
  title: 'the kernel of n1 forwards IPv4, but for what comes by the tunnel: answers of n2’s pods to clients outside',
  expect: [{ code: 'KPR1019', nodes: ['n1'] }],
  remedy: 'executed',
  inject: async (bed) => {
    await bed.node('n1', 'sysctl', '-w', `${setting}=0`);
    return () => bed.node('n1', 'sysctl', '-w', `${setting}=1`);
  },
});
