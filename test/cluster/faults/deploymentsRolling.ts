import { defineFault } from '../lib/Fault.ts';
import { rollOut } from '../lib/objects.ts';

export default defineFault({
  id: 'deployments-rolling',
  title: 'a Deployment in the middle of a rolling restart: nothing is wrong',
  expect: [],
  showsAfter: 1,
  remedy: { not: 'nothing is wrong' },
  inject: async (bed) => {
    await bed.kubectl('rollout', 'restart', 'deployment', 'httpd');
    return () => rollOut(bed, 'httpd');
  },
});
