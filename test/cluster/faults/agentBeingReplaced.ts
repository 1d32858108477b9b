import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'agent-being-replaced',
  title: 'the agent of n2 is gone, and the next one not there yet: its node is named, and nothing else',
  expect: [{ code: 'KPR1001', nodes: ['n2'] }],
  also: ['KPR9002'],
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
    // Until it is gone it may answer; the next one would be there before anybody looks.
    await bed.stop('controller-manager');
    await bed.kubectl('-n', 'kube-system', 'delete', pod.trim());
    return async () => {
      await bed.start('controller-manager');
      const onN2 = ['-n', 'kube-system', 'pod', '-l', 'k8s-app=cilium', '--field-selector', 'spec.nodeName=n2'];
      await bed.kubectl('wait', '--for=create', ...onN2, '--timeout=120s');
      await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/cilium', '--timeout=120s');
    };
  },
});
