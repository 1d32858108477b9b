import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'etcd-gone',
  title: 'etcd killed: the API server answers with errors, and doctor says so instead of judging',
  expect: [],
  exitCode: 2,
  says: /API server/i,
  showsAfter: 3,
  cleanWithin: 90,
  remedy: { not: 'nothing can be asked of a cluster without its store' },
  inject: async (bed) => {
    await bed.stop('etcd');
    return () => bed.start('etcd');
  },
});
