import { defineFault } from '../lib/Fault.ts';
import { edited, objects, overHttpd, service } from '../lib/services.ts';

const ports = (targetPort: string) => [{ name: 'http', port: 80, targetPort }];
const { create, remove } = objects(service('misnamed', overHttpd({ ports: ports('web') })));

export default defineFault({
  id: 'target-port-unnamed',
  title: 'a Service’s targetPort is a name that no port of its pods has',
  expect: [{ code: 'KPR5009', object: 'default/misnamed' }],
  remedy: { decided: edited('misnamed', { spec: { ports: ports('http') } }) },
  tidy: remove,
  inject: create,
});
