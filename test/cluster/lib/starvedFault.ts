import type { Fault } from './Fault.ts';

/**
 * An idle node of the bed takes 5 % of a CPU by itself, and a reading half a second of one: with less than that nothing
 * ever ends, with this it takes ten times as long as usual.
 */
const percent = 8;

/** What faults have in common in which n2 is slow, and not broken. */
export const starvedFault = {
  expect: [],
  // Its agent says itself that what it does takes long, and its kubelet may.
  also: ['KPR1001', 'KPR1011'],
  exitCode: 0,
  flags: ['--node-timeout', '60s', '--timeout', '120s'],
  showsAfter: 5,
  cleanWithin: 120,
  remedy: { not: 'a machine gets more processors elsewhere' },
  inject: async (bed) => {
    await bed.starve('n2', percent);
    return () => bed.feed('n2');
  },
} as const satisfies Omit<Fault, 'id' | 'title'>;
