import { defineFault } from '../lib/Fault.ts';
import { rollOut } from '../lib/objects.ts';

export default defineFault({
  id: 'rolling-connect',
  title: 'connections are opened while a Deployment and the agents are restarted one after the other: nothing is wrong',
  expect: [],
  // An agent that starts says so, and where none is nobody can connect.
  also: ['KPR1001', 'KPR1012', 'KPR9002'],
  flags: ['--connect'],
  showsAfter: 1,
  cleanWithin: 90,
  remedy: { not: 'nothing is wrong' },
  inject: async (bed) => {
    await bed.kubectl('rollout', 'restart', 'deployment', 'httpd');
    await bed.kubectl('-n', 'kube-system', 'rollout', 'restart', 'daemonset/cilium');
    return async () => {
      await rollOut(bed, 'httpd');
      await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/cilium', '--timeout=180s');
    };
  },
});
