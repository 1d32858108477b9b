import { expect, it } from 'vitest';
import { hostPortsFree } from '../../../checks/services/hostPortsFree.ts';
import { hostSocketsFree } from '../../../checks/services/hostSocketsFree.ts';
import { aSnapshot, codesOf } from '../../support/aSnapshot.ts';
import { aPod } from '../../support/lbObjects.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { balanced, shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const pod = (name: string, hostPort: number, hostIP?: string, meta = {}) =>
  aPod(name, [{ containerPort: 80, hostPort, ...(hostIP !== undefined && { hostIP }) }], { meta });
const withPods = (...pods: ReturnType<typeof pod>[]) => shopCluster({ pods });
/** An address of n1 as one of a load balancer, before that went first; the map holds the LoadBalancer's row. */
const serviceLb = (backend: string, type: string) =>
  shopCluster({
    pods: [pod('edge', 8000)],
    services: [balanced(shop({ ports: [{ name: 'http', port: 8000 }] }), '172.30.0.11')],
    slices: [shopSlice()],
    n1: {
      lbTable: parseMapsDump(
        [
          `SVC: ID=1 ADDR=172.30.0.11:8000/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=1 QCOUNT=0 FLAGS=${type}`,
          `SVC: ID=1 ADDR=172.30.0.11:8000/TCP SLOT=1 BEID=1 COUNT=0 QCOUNT=0 FLAGS=${type}`,
          `BE: ID=1 ADDR=${backend}/TCP STATE=active`,
        ].join('\n'),
      ),
    },
  });

standardCases(hostPortsFree, {
  healthy: withPods(pod('edge', 80)),
  faulty: {
    KPR5003: {
      inRange: withPods(pod('edge', 31_000)),
      zeroHostIP: withPods(pod('edge', 80, '0.0.0.0')),
      hidesKubelet: withPods(pod('edge', 10_250)),
      bindRefused: { raisedBy: hostSocketsFree },
      hidesLoopback: { raisedBy: hostSocketsFree },
      twoPods: withPods(pod('edge', 80), pod('other', 80)),
      overwritten: serviceLb('10.244.1.5:8080', 'LoadBalancer'),
    },
  },
  notApplicable: {},
  hostile: (text) => withPods(pod(text, 31_000)),
});

it.each([
  [
    'another address of the node is another frontend',
    withPods(pod('edge', 80, '10.0.0.1'), pod('other', 80, '10.0.0.2')),
    [],
  ],
  [
    'a pod that goes takes nothing from its successor',
    withPods(pod('edge-1', 80, undefined, { deletionTimestamp: '2026-11-21T09:59:59Z' }), pod('edge-2', 80)),
    [],
  ],
  [
    'the kubelet’s port, of UDP',
    shopCluster({ pods: [aPod('edge', [{ containerPort: 80, hostPort: 10_250, protocol: 'UDP' }])] }),
    [],
  ],
  ['pods of a DaemonSet are one finding', withPods(pod('edge-1', 31_000), pod('edge-2', 31_000)), ['KPR5003 n1']],
  [
    'a nodePort of the same number is another problem',
    shopCluster({
      pods: [pod('edge', 31_000)],
      services: [shop({ type: 'NodePort', ports: [{ port: 80, nodePort: 31_000 }] })],
      slices: [shopSlice()],
    }),
    [],
  ],
])('%s', (_, cluster, expected) => {
  expect(codesOf(hostPortsFree, aSnapshot(cluster))).toEqual(expected);
});
