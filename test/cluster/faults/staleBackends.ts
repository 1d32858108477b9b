import { defineFault } from '../lib/Fault.ts';
import { freezeAgent } from '../lib/objects.ts';

export default defineFault({
  id: 'stale-backends',
  title: 'the agent of n1 stopped, then a Deployment scaled from 3 to 1: the map keeps three backends',
  expect: [
    { code: 'KPR1002', nodes: ['n1'] },
    { code: 'KPR4003', nodes: ['n1'], object: 'default/httpd' },
  ],
  also: ['KPR1001'],
  showsAfter: 40,
  cleanWithin: 150,
  remedy: 'executed',
  tidy: async (bed) => {
    await bed.kubectl('scale', 'deployment', 'httpd', '--replicas=3');
    await bed.kubectl('rollout', 'status', 'deployment', 'httpd', '--timeout=90s');
  },
  inject: async (bed) => {
    const thaw = await freezeAgent(bed, 'n1');
    await bed.kubectl('scale', 'deployment', 'httpd', '--replicas=1');
    return async () => {
      await thaw();
      await bed.kubectl('scale', 'deployment', 'httpd', '--replicas=3');
      await bed.kubectl('rollout', 'status', 'deployment', 'httpd', '--timeout=90s');
    };
  },
});
