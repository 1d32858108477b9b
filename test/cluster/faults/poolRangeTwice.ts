import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

/** Of the operator, wherever it runs: one that works gives the node another range at once. */
async function signal(bed: Bed, name: 'STOP' | 'CONT'): Promise<void> {
  for (const node of ['n1', 'n2']) await bed.node(node, 'bash', '-c', `pkill -${name} cilium-operator || true`);
}

const rangesOf = (bed: Bed, node: string): Promise<string> =>
  bed.kubectl('get', 'ciliumnode', node, '-o', 'jsonpath={.spec.ipam.pools.allocated}');
const setRanges = (bed: Bed, node: string, allocated: string): Promise<string> =>
  bed.kubectl(
    'patch',
    'ciliumnode',
    node,
    '--type=merge',
    '-p',
    `{"spec":{"ipam":{"pools":{"allocated":${allocated}}}}}`,
  );

const again = 'kubectl drain n2 --ignore-daemonsets --delete-emptydir-data && kubectl uncordon n2';

export default defineFault({
  id: 'pool-range-twice',
  title: 'the operator hangs, and two nodes have one range of a pool',
  onlyByName: 'needs a cluster with pools (KPR_MATRIX_POOLS=1)',
  expect: [{ code: 'KPR1020', nodes: ['n1', 'n2'] }],
  also: ['KPR1017', 'KPR1019', 'KPR6002', 'KPR5011', 'KPR6001'],
  showsAfter: 5,
  cleanWithin: 180,
  remedy: { decided: { [again]: 'kubectl uncordon n2' } },
  inject: async (bed) => {
    const before = await rangesOf(bed, 'n2');
    await signal(bed, 'STOP');
    await setRanges(bed, 'n2', await rangesOf(bed, 'n1'));
    return async () => {
      await setRanges(bed, 'n2', before);
      await signal(bed, 'CONT');
      await bed.kubectl('uncordon', 'n2');
    };
  },
});
