import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';
import { objects, pod, service, slice } from '../lib/services.ts';

const ended = pod('ended', 'n2', { command: ['/bin/sh', '-c', 'sleep 3'] });
const { create, remove } = objects(
  { ...ended, spec: { ...(ended['spec'] as object), restartPolicy: 'Never' } },
  service('listed', { ports: [{ name: 'http', port: 80 }] }),
);

export default defineFault({
  id: 'ended-pod-listed',
  title: 'a hand-made EndpointSlice calls a pod ready that has ended',
  expect: [{ code: 'KPR5014', object: 'default/listed' }],
  showsAfter: 65,
  remedy: { not: 'who writes the EndpointSlice has to write it anew' },
  tidy: remove,
  inject: async (bed: Bed) => {
    const repair = await create(bed);
    const ip = await bed.kubectl('get', 'pod', 'ended', '-o', 'jsonpath={.status.podIP}');
    const endpoints = [{ addresses: [ip], conditions: { ready: true } }];
    const listed = slice({ name: 'listed-1', of: 'listed', ports: [{ name: 'http', port: 80 }], endpoints });
    await bed.apply(JSON.stringify(listed));
    return async () => {
      await bed.kubectl('delete', '--ignore-not-found', 'endpointslice', 'listed-1');
      await repair();
    };
  },
});
