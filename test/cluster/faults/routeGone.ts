import { defineFault } from '../lib/Fault.ts';

const flag = '/run/kpr-takes-routes';
/** Agents write it again every few minutes, so it is taken again. */
const taking = `touch ${flag}; (while [ -e ${flag} ]; do ip route del 10.244.2.0/24; sleep 0.2; done) </dev/null >/dev/null 2>&1 &`;

export default defineFault({
  id: 'route-gone',
  title: 'the route of n1 to the pods of n2 is taken away, as a network manager does with what it does not know',
  expect: [{ code: 'KPR1019', nodes: ['n1'] }],
  also: ['KPR1017', 'KPR6002'],
  showsAfter: 2,
  cleanWithin: 300,
  remedy: { not: 'as long as somebody takes the route away, a restarted agent writes it in vain' },
  inject: async (bed) => {
    await bed.node('n1', 'bash', '-c', taking);
    return () => bed.node('n1', 'rm', flag);
  },
});
