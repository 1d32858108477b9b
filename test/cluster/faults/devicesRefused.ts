import { defineFault } from '../lib/Fault.ts';

const agent = ['-n', 'kube-system', 'delete', 'pod', '-l', 'k8s-app=cilium', '--field-selector=spec.nodeName=n2'];

export default defineFault({
  id: 'devices-refused',
  title: 'a CiliumNodeConfig names a device that n2 does not have, and its agent was restarted: it does not come up',
  expect: [
    { code: 'KPR1005', nodes: ['n2'] },
    { code: 'KPR1001', nodes: ['n2'], from: 'KPR1005' },
  ],
  showsAfter: 35,
  cleanWithin: 200,
  remedy: 'executed',
  inject: async (bed) => {
    await bed.apply(
      JSON.stringify({
        apiVersion: 'cilium.io/v2',
        kind: 'CiliumNodeConfig',
        metadata: { name: 'nic', namespace: 'kube-system' },
        spec: {
          nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'n2' } },
          defaults: { devices: 'eth7' },
        },
      }),
    );
    await bed.kubectl(...agent);
    return async () => {
      await bed.kubectl('-n', 'kube-system', 'delete', '--ignore-not-found', 'ciliumnodeconfig', 'nic');
      await bed.kubectl(...agent);
    };
  },
  tidy: (bed) => bed.kubectl('-n', 'kube-system', 'delete', '--ignore-not-found', 'ciliumnodeconfig', 'nic'),
});
