import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const remove = 'ip rule del priority 50 to 10.244.2.0/24';
const clear = (bed: Bed): Promise<string> => bed.node('n1', 'ip', 'route', 'flush', 'table', '77');

export default defineFault({
  id: 'rule-takes',
  title: 'a rule of n1 (ip rule) sends what is for the pods of n2 by a table of its own, as a VPN does',
  expect: [
    { code: 'KPR1019', nodes: ['n1'] },
    { code: 'KPR1017', nodes: ['n1', 'n2'], from: 'KPR1019' },
  ],
  also: ['KPR6002'],
  showsAfter: 2,
  remedy: { decided: { [remove]: remove } },
  tidy: clear,
  inject: async (bed) => {
    await bed.node('n1', 'ip', 'route', 'add', 'default', 'via', `172.30.${bed.id}.254`, 'table', '77');
    await bed.node('n1', 'ip', 'rule', 'add', 'to', '10.244.2.0/24', 'lookup', '77', 'priority', '50');
    return async () => {
      await bed.node('n1', 'bash', '-c', remove);
      await clear(bed);
    };
  },
});
