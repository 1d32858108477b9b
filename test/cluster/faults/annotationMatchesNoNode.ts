import { defineFault } from '../lib/Fault.ts';
import { objects, overHttpd, service } from '../lib/services.ts';

const key = 'service.cilium.io/node-selector';
const { create, remove } = objects(
  service('edge', overHttpd({ type: 'NodePort' }), { annotations: { [key]: 'kpr.test/role=edge' } }),
);
const takeAway = `kubectl -n default annotate service edge ${key}-`;

export default defineFault({
  id: 'annotation-matches-no-node',
  title: 'an annotation leaves a Service to nodes with a label, and none has it',
  expect: [{ code: 'KPR5005', object: 'default/edge' }],
  exitCode: 0,
  remedy: { decided: { [takeAway]: takeAway } },
  tidy: remove,
  inject: create,
});
