import { defineFault } from '../lib/Fault.ts';

const rule = ['OUTPUT', '-d', '10.244.0.0/16', '-j', 'DROP'] as const;
const deletion = "bash -c 'iptables-nft -w -t filter -D OUTPUT -d 10.244.0.0/16 -j DROP'";

export default defineFault({
  id: 'output-dropped',
  title: 'a rule of nobody known drops what n1 sends to pods',
  expect: [{ code: 'KPR1018', nodes: ['n1'] }],
  also: ['KPR1017', 'KPR6002'],
  showsAfter: 15,
  cleanWithin: 60,
  remedy: { decided: { [deletion]: deletion } },
  inject: async (bed) => {
    await bed.node('n1', 'iptables', '-I', ...rule);
    return () => bed.node('n1', 'iptables', '-D', ...rule);
  },
});
