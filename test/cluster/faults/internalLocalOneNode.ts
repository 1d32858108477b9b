import { defineFault } from '../lib/Fault.ts';
import { objects, pod, service } from '../lib/services.ts';

const { create, remove } = objects(
  pod('lonely', 'n1'),
  service('lonely', { selector: { app: 'lonely' }, internalTrafficPolicy: 'Local', ports: [{ port: 80 }] }),
);

const toCluster = `kubectl -n default patch service lonely --type merge -p '{"spec":{"internalTrafficPolicy":"Cluster"}}'`;

export default defineFault({
  id: 'internal-local-one-node',
  title: 'internalTrafficPolicy Local, and the only pod is on n1: n2 is told of as a note',
  expect: [{ code: 'KPR5008', nodes: ['n2'], object: 'default/lonely' }],
  exitCode: 0,
  remedy: { decided: { [toCluster]: toCluster } },
  tidy: remove,
  inject: create,
});
