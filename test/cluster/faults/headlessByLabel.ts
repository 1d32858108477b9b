import { defineFault } from '../lib/Fault.ts';
import { edited, objects, overHttpd, service } from '../lib/services.ts';

const label = 'service.kubernetes.io/headless';
const { create, remove } = objects(service('headed', overHttpd(), { labels: { [label]: '' } }));

export default defineFault({
  id: 'headless-by-label',
  title: 'a Service with a ClusterIP has the label of headless ones: nobody serves its address',
  expect: [{ code: 'KPR5009', object: 'default/headed' }],
  exitCode: 0,
  remedy: { decided: edited('headed', { metadata: { labels: { [label]: null } } }) },
  tidy: remove,
  inject: create,
});
