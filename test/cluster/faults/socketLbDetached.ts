import { defineFault } from '../lib/Fault.ts';
import { restartAgents } from '../lib/objects.ts';

export default defineFault({
  id: 'socket-lb-detached',
  title: 'the connect4 program of socket LB detached from the root cgroup of n2',
  expect: [{ code: 'KPR1007', nodes: ['n2'] }],
  also: ['KPR2005', 'KPR6002'],
  cleanWithin: 60,
  remedy: 'executed',
  inject: async (bed) => {
    await bed.agent(
      'n2',
      'bpftool',
      'link',
      'detach',
      'pinned',
      '/sys/fs/bpf/cilium/socketlb/links/cgroup/cil_sock4_connect',
    );
    return () => restartAgents(bed);
  },
});
