import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'api-server-restarted',
  title: 'the API server was gone for a minute and is back: nothing is wrong any more',
  expect: [],
  // Until kubelets have reported again, the API itself says that their nodes are not ready.
  showsAfter: 60,
  cleanWithin: 60,
  remedy: { not: 'nothing is wrong any more' },
  inject: async (bed) => {
    await bed.stop('apiserver');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    await bed.start('apiserver');
    return async () => undefined;
  },
});
