import { defineFault } from '../lib/Fault.ts';
import { deleteEntries } from '../lib/lbMaps.ts';
import { chooseAlgorithm, maglevKey } from '../lib/maglev.ts';

export default defineFault({
  id: 'maglev-table-deleted',
  title: 'the Maglev table of a NodePort deleted on n2: its rows are right, and clients outside get nothing',
  expect: [{ code: 'KPR4005', nodes: ['n2'], object: 'default/httpd-np' }],
  cleanWithin: 60,
  remedy: 'executed',
  tidy: (bed) => chooseAlgorithm(bed, 'random'),
  inject: async (bed) => {
    await chooseAlgorithm(bed, 'maglev');
    await deleteEntries(bed, 'n2', 'lb4_maglev', [await maglevKey(bed, 'n2', 31_080)]);
    return () => chooseAlgorithm(bed, 'random');
  },
});
