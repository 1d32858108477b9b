import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

const rule = ['OUTPUT', '-d', '10.244.2.0/24', '-j', 'DROP'] as const;
const deletion = "bash -c 'iptables-nft -w -t filter -D OUTPUT -d 10.244.2.0/24 -j DROP'";

/** A pod on a node, ready when its port answers, and a Service in front of it. */
const served = (name: string, nodeName: string, readyPort: number): readonly unknown[] => [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: {
      nodeName,
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'httpd',
          image: 'docker.io/library/httpd:2.4',
          readinessProbe: { tcpSocket: { port: readyPort }, periodSeconds: 2 },
        },
      ],
    },
  },
  { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: name }, ports: [{ port: 80 }] } },
];

const removeServed = (bed: Bed): Promise<string> =>
  bed.kubectl('delete', '--ignore-not-found', 'pod/on-n1', 'pod/on-n2', 'service/on-n1', 'service/on-n2');

export default defineFault({
  id: 'own-pods-lost',
  title:
    'a rule of nobody known drops what n2 sends to its own pods, so that its kubelet calls none of them ready; a pod on n1 is not ready by itself',
  expect: [
    { code: 'KPR1018', nodes: ['n2'] },
    { code: 'KPR1017', nodes: ['n2'], from: 'KPR1018' },
    { code: 'KPR5011', nodes: ['n2'], object: 'default/on-n2', from: 'KPR1017' },
    { code: 'KPR5011', nodes: [], object: 'default/on-n1' },
  ],
  also: ['KPR2005', 'KPR6001', 'KPR6002'],
  showsAfter: 20,
  cleanWithin: 60,
  remedy: { decided: { [deletion]: deletion } },
  tidy: removeServed,
  inject: async (bed) => {
    const items = [...served('on-n1', 'n1', 81), ...served('on-n2', 'n2', 80)];
    await bed.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    await bed.kubectl('wait', '--for=condition=Ready', '--timeout=60s', 'pod/on-n2');
    await bed.node('n2', 'iptables', '-I', ...rule);
    return async () => {
      await bed.node('n2', 'iptables', '-D', ...rule);
      await removeServed(bed);
    };
  },
});
