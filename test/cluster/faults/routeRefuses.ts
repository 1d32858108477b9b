import { defineFault } from '../lib/Fault.ts';

const route = ['blackhole', '10.244.2.0/25'] as const;
const other = ['blackhole', '10.244.2.128/25'] as const;

export default defineFault({
  id: 'route-refuses',
  title: 'routes that a former CNI left on n1 refuse what is for pods of n2',
  expect: [{ code: 'KPR1019', nodes: ['n1'] }],
  also: ['KPR1017', 'KPR6002'],
  showsAfter: 2,
  remedy: { not: 'which routes a former CNI left, is another matter on every cluster' },
  inject: async (bed) => {
    for (const one of [route, other]) await bed.node('n1', 'ip', 'route', 'add', ...one);
    return async () => {
      for (const one of [route, other]) await bed.node('n1', 'ip', 'route', 'del', ...one);
    };
  },
});
