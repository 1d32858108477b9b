import { defineFault } from '../lib/Fault.ts';
import { edited, objects, overHttpd, service } from '../lib/services.ts';

/** The one API server of a cluster that has a single one; it is no node. */
const serverOf = `jsonpath={.items[0].endpoints[0].addresses[0]}`;
const port = { name: 'https', port: 6443, targetPort: 80 };

export default defineFault({
  id: 'api-server-address-taken',
  title: 'an external IP of a Service is the address of the API server, at its port',
  expect: [{ code: 'KPR5004', object: 'default/taking' }],
  remedy: { decided: edited('taking', { spec: { externalIPs: null } }) },
  tidy: (bed) => bed.kubectl('delete', 'service', 'taking'),
  inject: async (bed) => {
    const label = 'kubernetes.io/service-name=kubernetes';
    const address = await bed.kubectl('get', 'endpointslices', '-l', label, '-o', serverOf);
    return objects(service('taking', overHttpd({ externalIPs: [address], ports: [port] }))).create(bed);
  },
});
