import { defineFault } from '../lib/Fault.ts';
import { objects, overHttpd, service } from '../lib/services.ts';

/** Of no pool. */
const annotations = { 'lbipam.cilium.io/ips': '198.51.100.99' };
const { create, remove } = objects(service('wishful', overHttpd({ type: 'LoadBalancer' }), { annotations }));

export default defineFault({
  id: 'balancer-refused',
  title: 'a load balancer asks for an address that no pool of Cilium has',
  expect: [{ code: 'KPR5013', object: 'default/wishful' }],
  exitCode: 0,
  remedy: {
    decided: {
      'kubectl get ciliumloadbalancerippools':
        'kubectl get ciliumloadbalancerippools && kubectl annotate service wishful lbipam.cilium.io/ips-',
    },
  },
  showsAfter: 3,
  tidy: remove,
  inject: create,
});
