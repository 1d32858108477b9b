import { defineFault } from '../lib/Fault.ts';

const setting = 'net.ipv6.conf.all.forwarding';

export default defineFault({
  id: 'forwarding6-off',
  title: 'the kernel of n1 does not forward IPv6',
  expect: [{ code: 'KPR1019', nodes: ['n1'] }],
  // Without a tunnel the node forwards what is for its pods, too.
  also: ['KPR1017', 'KPR6002'],
  onlyByName: 'needs a cluster of both families (KPR_MATRIX_DUAL_STACK=1)',
  remedy: 'executed',
  inject: async (bed) => {
    await bed.node('n1', 'sysctl', '-w', `${setting}=0`);
    return () => bed.node('n1', 'sysctl', '-w', `${setting}=1`);
  },
});
