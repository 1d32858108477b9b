import { defineFault } from '../lib/Fault.ts';

const rangesOf = (ranges: readonly string[]): string => JSON.stringify({ spec: { ipam: { podCIDRs: ranges } } });

export default defineFault({
  id: 'pod-range-twice',
  title: 'the CiliumNode of n2 says the range of n1’s pods',
  expect: [
    { code: 'KPR1020', nodes: ['n1', 'n2'] },
    { code: 'KPR1019', nodes: ['n1'], from: 'KPR1020' },
  ],
  also: ['KPR1017', 'KPR6002'],
  remedy: 'executed',
  inject: async (bed) => {
    const patch = ['patch', 'ciliumnode', 'n2', '--type', 'merge', '-p'];
    await bed.kubectl(...patch, rangesOf(['10.244.1.0/24']));
    return () => bed.kubectl(...patch, rangesOf(['10.244.2.0/24']));
  },
});
