import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';
import { rollOut } from '../lib/objects.ts';

const pool = {
  apiVersion: 'cilium.io/v2alpha1',
  kind: 'CiliumPodIPPool',
  metadata: { name: 'other' },
  spec: { ipv4: { cidrs: ['10.244.0.0/16'], maskSize: 27 } },
};
const container = { name: 'web', image: 'docker.io/library/httpd:2.4', imagePullPolicy: 'Never' };
const labels = { app: 'of-other' };
/** Whose pod gets an address of that pool, on the node that does not have the first range of the other one. */
const deployment = (node: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'of-other', namespace: 'default' },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels, annotations: { 'ipam.cilium.io/ip-pool': 'other' } },
      spec: {
        nodeSelector: { 'kubernetes.io/hostname': node },
        terminationGracePeriodSeconds: 1,
        containers: [container],
      },
    },
  },
});

const change = (range: string): string =>
  `kubectl patch ciliumpodippool other --type merge -p '{"spec":{"ipv4":{"cidrs":["${range}"]}}}'`;
const empty = 'kubectl drain n2 --ignore-daemonsets --delete-emptydir-data';
const takeAway = ' && kubectl delete ciliumnode n2';

async function remove(bed: Bed): Promise<void> {
  await bed.kubectl('-n', 'default', 'delete', '--ignore-not-found', 'deployment', 'of-other');
  await bed.kubectl('delete', '--ignore-not-found', 'ciliumpodippool', 'other');
}

export default defineFault({
  id: 'pools-overlap',
  title: 'two pools of addresses for pods overlap, and n1 has of one what n2 has of the other',
  onlyByName: 'needs a cluster with pools (KPR_MATRIX_POOLS=1)',
  expect: [{ code: 'KPR1020', nodes: ['n1', 'n2'] }],
  also: ['KPR1017', 'KPR1019', 'KPR6002'],
  showsAfter: 5,
  cleanWithin: 120,
  // A pod without a controller is the bed's own.
  remedy: {
    decided: { [change('RANGE')]: change('10.246.0.0/16'), [empty + takeAway]: `${empty} --force${takeAway}` },
  },
  tidy: remove,
  inject: async (bed) => {
    await bed.apply(JSON.stringify(pool));
    await bed.apply(JSON.stringify(deployment('n2')));
    await rollOut(bed, 'of-other');
    return () => remove(bed);
  },
});
