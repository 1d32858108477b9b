import { defineFault } from '../lib/Fault.ts';
import { restartAgents } from '../lib/objects.ts';

export default defineFault({
  id: 'agents-restarted',
  title: 'agents restarted one after the other, ready a moment ago: nothing is wrong',
  expect: [],
  remedy: { not: 'nothing is wrong' },
  inject: async (bed) => {
    await restartAgents(bed);
    return async () => undefined;
  },
});
