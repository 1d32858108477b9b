import { defineFault } from '../lib/Fault.ts';
import { objects, overHttpd, service } from '../lib/services.ts';

/** No other proxy runs. */
const decided = `kubectl -n default label service anothers service.kubernetes.io/service-proxy-name-`;
const labels = { 'service.kubernetes.io/service-proxy-name': 'another' };
const { create, remove } = objects(service('anothers', overHttpd(), { labels }));

export default defineFault({
  id: 'proxy-name-label',
  title: 'a label leaves a Service to another proxy, and there is none',
  expect: [{ code: 'KPR5009', object: 'default/anothers' }],
  exitCode: 0,
  remedy: { decided: { [decided]: decided } },
  tidy: remove,
  inject: create,
});
