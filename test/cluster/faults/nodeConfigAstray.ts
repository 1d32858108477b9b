import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const nodeConfig = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNodeConfig',
  metadata: { name: 'edge', namespace: 'default' },
  spec: {
    nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'n2' } },
    defaults: { 'bpf-lb-algorithm': 'maglev' },
  },
};
const remove = 'kubectl -n default delete ciliumnodeconfig edge';

export default defineFault({
  id: 'node-config-astray',
  title: 'a CiliumNodeConfig is in the namespace default, where no agent reads it',
  expect: [{ code: 'KPR1005', object: 'default/edge' }],
  exitCode: 0,
  remedy: { decided: { [remove]: remove } },
  inject: async (bed: Bed) => {
    await bed.apply(JSON.stringify(nodeConfig));
    return () => bed.kubectl('-n', 'default', 'delete', 'ciliumnodeconfig', 'edge');
  },
});
