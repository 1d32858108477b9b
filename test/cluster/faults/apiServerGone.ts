import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'api-server-gone',
  title: 'the API server killed: doctor says that it cannot be asked',
  expect: [],
  exitCode: 2,
  says: /can't be asked.*ECONNREFUSED/s,
  cleanWithin: 90,
  remedy: { not: 'nothing can be asked of a cluster without an API server' },
  inject: async (bed) => {
    await bed.stop('apiserver');
    return () => bed.start('apiserver');
  },
});
