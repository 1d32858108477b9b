import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'cilium-node-gone',
  title: 'the CiliumNode of n2 was deleted: other nodes take away what leads to its pods',
  expect: [
    { code: 'KPR1009', nodes: ['n2'] },
    { code: 'KPR1019', nodes: ['n1'], from: 'KPR1009' },
  ],
  also: ['KPR1017', 'KPR6002', 'KPR2005', 'KPR5011'],
  showsAfter: 5,
  cleanWithin: 90,
  remedy: 'executed',
  inject: async (bed) => {
    await bed.kubectl('delete', 'ciliumnode', 'n2');
    return () =>
      bed.kubectl('-n', 'kube-system', 'delete', 'pod', '-l', 'k8s-app=cilium', '--field-selector=spec.nodeName=n2');
  },
});
