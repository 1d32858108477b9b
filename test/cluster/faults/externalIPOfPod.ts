import { defineFault } from '../lib/Fault.ts';
import { edited, objects, overHttpd, service } from '../lib/services.ts';

const ports = [{ name: 'dns', port: 53, targetPort: 80 }];

export default defineFault({
  id: 'external-ip-of-pod',
  title: 'an external IP of a Service is the address of a DNS server’s pod: nodes send queries elsewhere',
  expect: [{ code: 'KPR5004', object: 'default/taking' }],
  also: ['KPR6002'],
  showsAfter: 2,
  remedy: { decided: edited('taking', { spec: { externalIPs: null } }) },
  inject: async (bed) => {
    const path = 'jsonpath={.items[0].status.podIP}';
    const server = await bed.kubectl('-n', 'kube-system', 'get', 'pods', '-l', 'k8s-app=kube-dns', '-o', path);
    return objects(service('taking', overHttpd({ ports, externalIPs: [server] }))).create(bed);
  },
});
