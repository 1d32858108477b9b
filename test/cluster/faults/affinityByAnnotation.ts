import { defineFault } from '../lib/Fault.ts';
import { objects, overHttpd, service } from '../lib/services.ts';

const annotations = { 'service.cilium.io/session-affinity': 'ClientIP' };
const { create, remove } = objects(service('sticky', overHttpd(), { annotations }));

const set = `kubectl -n default patch service sticky --type merge -p '{"spec":{"sessionAffinity":"ClientIP"}}'`;

export default defineFault({
  id: 'affinity-by-annotation',
  title: 'session affinity asked for by an annotation that nobody reads',
  expect: [{ code: 'KPR5006', object: 'default/sticky' }],
  exitCode: 0,
  remedy: { decided: { [set]: set } },
  tidy: remove,
  inject: create,
});
