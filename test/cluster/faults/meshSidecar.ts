import { defineFault } from '../lib/Fault.ts';

const image = 'docker.io/library/httpd:2.4';
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'meshed', namespace: 'default' },
  spec: { nodeName: 'n2', containers: [{ name: 'istio-proxy', image, imagePullPolicy: 'Never' }] },
};

export default defineFault({
  id: 'mesh-sidecar',
  title: 'a pod with the sidecar of a mesh, while socket load balancing reaches into pods',
  expect: [{ code: 'KPR1016', nodes: ['n2'], object: 'default/meshed' }],
  exitCode: 0,
  remedy: { not: 'followed, it changes how this cluster balances for all faults behind it' },
  inject: async (bed) => {
    await bed.apply(JSON.stringify(pod));
    await bed.kubectl('wait', '--for=condition=Ready', 'pod/meshed', '--timeout=60s');
    return () => bed.kubectl('delete', 'pod', 'meshed', '--grace-period=1');
  },
});
