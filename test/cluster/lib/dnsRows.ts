import type { Bed } from './Bed.ts';
import { changeEntry, deleteEntries, serviceKey, withByte } from './lbMaps.ts';

/** The rows of cluster DNS in the map of n2, whose agent notices nothing. */
const node = 'n2';
const map = 'lb4_services_v2';
const address = '10.96.0.10';
const protocols = ['UDP', 'TCP'] as const;

export const deleteDns = (bed: Bed): Promise<() => Promise<void>> =>
  deleteEntries(
    bed,
    node,
    map,
    protocols.flatMap((protocol) => [0, 1, 2].map((slot) => serviceKey(address, 53, slot, protocol))),
  );

/** The count of slot 0 says how many of the others may be chosen. */
export async function emptyDns(bed: Bed): Promise<() => Promise<void>> {
  const repairs: (() => Promise<unknown>)[] = [];
  for (const protocol of protocols)
    repairs.push(
      await changeEntry(bed, node, map, serviceKey(address, 53, 0, protocol), (value) => withByte(value, 4, 0)),
    );
  return async () => {
    for (const repair of repairs) await repair();
  };
}
