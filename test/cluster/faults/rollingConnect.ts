import { defineFault } from '../lib/Fault.ts';
import { rollOut } from '../lib/objects.ts';

export default defineFault({
  id: 'rolling-connect',
  title: 'connections are opened while the pods of a Deployment are replaced one after the other: nothing is wrong',
  expect: [],
  flags: ['--connect'],
  showsAfter: 1,
  cleanWithin: 90,
  remedy: { not: 'nothing is wrong' },
  inject: async (bed) => {
    await bed.kubectl('rollout', 'restart', 'deployment', 'httpd');
    return async () => {
      await rollOut(bed, 'httpd');
    };
  },
});
