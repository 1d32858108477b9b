import { defineFault } from '../lib/Fault.ts';
import { restartAgents } from '../lib/objects.ts';

export default defineFault({
  id: 'program-detached',
  title: 'the program at ingress of eth0 of n1 detached: its pin and its link stay',
  expect: [{ code: 'KPR1008', nodes: ['n1'] }],
  cleanWithin: 60,
  remedy: 'executed',
  inject: async (bed) => {
    await bed.agent(
      'n1',
      'bpftool',
      'link',
      'detach',
      'pinned',
      '/sys/fs/bpf/cilium/devices/eth0/links/cil_from_netdev',
    );
    return () => restartAgents(bed);
  },
});
