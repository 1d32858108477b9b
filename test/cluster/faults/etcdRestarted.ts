import { defineFault } from '../lib/Fault.ts';
import { untilEndpointsReady } from '../lib/objects.ts';

export default defineFault({
  id: 'etcd-restarted',
  title: 'etcd was killed, gone for 20 s, and is back: nothing is wrong any more',
  expect: [],
  showsAfter: 15,
  cleanWithin: 60,
  remedy: { not: 'nothing is wrong any more' },
  inject: async (bed) => {
    await bed.stop('etcd');
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    await bed.start('etcd');
    await untilEndpointsReady(bed);
    return async () => undefined;
  },
});
