import { defineFault } from '../lib/Fault.ts';

export default defineFault({
  id: 'node-starved',
  title: 'n2 has 3 % of a CPU: slow, and not broken',
  onlyByName: 'with so little processor its agent may not answer within a minute, and then that is said',
  expect: [],
  // Its agent says itself that what it does takes long, and its kubelet may.
  also: ['KPR1001', 'KPR1011', 'KPR9002'],
  exitCode: 0,
  flags: ['--node-timeout', '60s', '--timeout', '120s'],
  showsAfter: 5,
  cleanWithin: 120,
  remedy: { not: 'a machine gets more processors elsewhere' },
  inject: async (bed) => {
    await bed.starve('n2', 3);
    return () => bed.feed('n2');
  },
});
