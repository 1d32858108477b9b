import { defineFault } from '../lib/Fault.ts';
import { balanced, giveAddress, objects, pod, service } from '../lib/services.ts';

const { create, remove } = objects(
  pod('elsewhere', 'n1'),
  service(
    'elsewhere',
    balanced({
      // Of a nodePort, agents would keep rows.
      allocateLoadBalancerNodePorts: false,
      externalTrafficPolicy: 'Local',
      selector: { app: 'elsewhere' },
      ports: [{ port: 8085, targetPort: 80 }],
    }),
  ),
);

const toCluster = `kubectl -n default patch service elsewhere --type merge -p '{"spec":{"externalTrafficPolicy":"Cluster"}}'`;

export default defineFault({
  id: 'external-local-elsewhere',
  title: 'a load balancer’s address is that of n2, its traffic policy Local, and its only pod is on n1',
  expect: [{ code: 'KPR5008', nodes: ['n2'], object: 'default/elsewhere' }],
  remedy: { decided: { [toCluster]: toCluster } },
  tidy: remove,
  inject: async (bed) => {
    const repair = await create(bed);
    const path = 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}';
    await giveAddress(bed, 'elsewhere', await bed.kubectl('get', 'node', 'n2', '-o', path));
    return repair;
  },
});
