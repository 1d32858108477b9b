import { defineFault } from '../lib/Fault.ts';
import { objects, overHttpd, service } from '../lib/services.ts';

const { create, remove } = objects(service('passing', overHttpd({ type: 'NodePort', externalTrafficPolicy: 'Local' })));

export default defineFault({
  id: 'local-node-port-deleted',
  title: 'a NodePort Service with externalTrafficPolicy Local deleted: the agents keep rows that nothing looks up',
  expect: [{ code: 'KPR4004', nodes: ['n1', 'n2'] }],
  exitCode: 0,
  remedy: { not: 'a note: rows that nothing looks up do no harm' },
  inject: async (bed) => {
    await create(bed);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    await remove(bed);
    return async () => undefined;
  },
});
