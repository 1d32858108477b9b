import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'agent-being-replaced',
  title: 'the agent of n2 replaced a moment ago: its node is named, and nothing else',
  expect: [{ code: 'KPR9002', nodes: ['n2'] }],
  also: ['KPR1001'],
  cleanWithin: 90,
  remedy: { not: 'nothing is to be done: the new agent is on its way' },
  inject: async (bed) => {
    const pod = await bed.kubectl(
      '-n',
      'kube-system',
      'get',
      'pods',
      '-l',
      'k8s-app=cilium',
      '--field-selector',
      'spec.nodeName=n2',
      '-o',
      'name',
    );
    // Until it is gone it may answer.
    await bed.kubectl('-n', 'kube-system', 'delete', pod.trim());
    return async () => bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/cilium', '--timeout=120s');
  },
});
