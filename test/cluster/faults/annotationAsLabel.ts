import { defineFault } from '../lib/Fault.ts';
import { objects, overHttpd, service } from '../lib/services.ts';

const labels = { 'service.cilium.io/type': 'ClusterIP' };
const { create, remove } = objects(service('labelled', overHttpd(), { labels }));

export default defineFault({
  id: 'annotation-as-label',
  title: 'an annotation of Cilium set as a label',
  expect: [{ code: 'KPR5005', object: 'default/labelled' }],
  exitCode: 0,
  remedy: 'executed',
  tidy: remove,
  inject: create,
});
