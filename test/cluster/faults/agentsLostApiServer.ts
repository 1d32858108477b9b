import { cutAgents } from '../lib/cutAgents.ts';
import { defineFault } from '../lib/Fault.ts';
import { restartAgents, rollOut } from '../lib/objects.ts';

export default defineFault({
  id: 'agents-lost-api-server',
  title:
    'agents that lost the API server a minute after their start, then a Deployment rolled: their youth is no excuse',
  expect: [{ code: 'KPR2002', nodes: ['n1', 'n2'] }],
  also: ['KPR1001', 'KPR4001', 'KPR4002', 'KPR4003', 'KPR4004', 'KPR5011', 'KPR6002'],
  showsAfter: 20,
  cleanWithin: 180,
  remedy: { not: 'the rule that cuts the agents off is to be found by a person' },
  inject: async (bed) => {
    await restartAgents(bed);
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    const mend = await cutAgents(bed, 'n1', 'n2');
    await bed.kubectl('rollout', 'restart', 'deployment', 'httpd');
    return async () => {
      await mend();
      await rollOut(bed, 'httpd');
    };
  },
});
