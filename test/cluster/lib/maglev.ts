import type { Bed } from './Bed.ts';
import { addressBytes, findEntry, portBytes } from './lbMaps.ts';
import { restartAgents, setConfig } from './objects.ts';

/** Agents that are ready write Maglev tables once more when they know all backends: they mend what is broken sooner. */
const settledMs = 20_000;

export async function chooseAlgorithm(bed: Bed, algorithm: 'maglev' | 'random'): Promise<void> {
  await setConfig(bed, { 'bpf-lb-algorithm': algorithm });
  await restartAgents(bed);
  if (algorithm === 'maglev') await new Promise((resolve) => setTimeout(resolve, settledMs));
}

/** The key of a NodePort’s Maglev table: its service ID, in network order in both maps (bpf/lib/common.h). */
export async function maglevKey(bed: Bed, node: string, port: number): Promise<readonly string[]> {
  const address = await bed.kubectl('get', 'node', node, '-o', 'jsonpath={.status.addresses[0].address}');
  const frontend = [...addressBytes(address), ...portBytes(port), '0x00', '0x00'].join();
  const row = await findEntry(bed, node, 'lb4_services_v2', ({ key }) => key.slice(0, 8).join() === frontend);
  return row.value.slice(6, 8);
}
