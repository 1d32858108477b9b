import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'api-server-restarted',
  title: 'the API server was gone for a while and is back: nothing is wrong any more',
  expect: [],
  showsAfter: 10,
  cleanWithin: 60,
  inject: async (bed) => {
    await bed.stop('apiserver');
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    await bed.start('apiserver');
    return async () => undefined;
  },
});
