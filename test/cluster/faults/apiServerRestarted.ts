import { defineFault } from '../lib/Fault.ts';
import { untilEndpointsReady } from '../lib/objects.ts';

export default defineFault({
  id: 'api-server-restarted',
  title: 'the API server was gone for a minute and is back: nothing is wrong any more',
  expect: [],
  showsAfter: 15,
  cleanWithin: 60,
  remedy: { not: 'nothing is wrong any more' },
  inject: async (bed) => {
    await bed.stop('apiserver');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    await bed.start('apiserver');
    // Soon the API says that nodes are not ready, until their kubelets have reported again, each in its own time.
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    await bed.kubectl('wait', 'node', '--all', '--for=condition=Ready', '--timeout=180s');
    await untilEndpointsReady(bed);
    return async () => undefined;
  },
});
