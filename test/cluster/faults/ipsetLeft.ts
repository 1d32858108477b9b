import { cleanedUp } from '../lib/cleanedUp.ts';
import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'ipset-left',
  title: 'an ipset of kube-proxy’s IPVS mode left on n1',
  expect: [{ code: 'KPR3005', nodes: ['n1'] }],
  exitCode: 0,
  remedy: { decided: cleanedUp },
  inject: async (bed) => {
    await bed.node('n1', 'ipset', 'create', 'KUBE-CLUSTER-IP', 'hash:ip,port');
    return () => bed.node('n1', 'ipset', 'destroy', 'KUBE-CLUSTER-IP');
  },
});
