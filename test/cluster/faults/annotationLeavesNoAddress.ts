import { defineFault } from '../lib/Fault.ts';
import { objects, overHttpd, service } from '../lib/services.ts';

const key = 'service.cilium.io/type';
const { create, remove } = objects(service('inner', overHttpd(), { annotations: { [key]: 'LoadBalancer' } }));
const takeAway = `kubectl -n default annotate service inner ${key}-`;

export default defineFault({
  id: 'annotation-leaves-no-address',
  title: 'an annotation lets LoadBalancer addresses alone through, of a Service that has none',
  expect: [{ code: 'KPR5005', object: 'default/inner' }],
  exitCode: 0,
  remedy: { decided: { [takeAway]: takeAway } },
  tidy: remove,
  inject: create,
});
