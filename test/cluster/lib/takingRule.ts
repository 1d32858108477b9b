import type { Bed } from './Bed.ts';

/** How n1 is rid of it. */
export const removeRule = 'ip rule del priority 50 to 10.244.2.0/24';

export const clearTable = (bed: Bed): Promise<string> => bed.node('n1', 'ip', 'route', 'flush', 'table', '77');

/** A rule of n1 sends what is for the pods of n2 by a table of its own, out of the cluster; gives the repair. */
export async function addRule(bed: Bed): Promise<() => Promise<void>> {
  await bed.node('n1', 'ip', 'route', 'add', 'default', 'via', `172.30.${bed.id}.254`, 'table', '77');
  await bed.node('n1', 'ip', 'rule', 'add', 'to', '10.244.2.0/24', 'lookup', '77', 'priority', '50');
  return async () => {
    await bed.node('n1', 'bash', '-c', removeRule);
    await clearTable(bed);
  };
}
