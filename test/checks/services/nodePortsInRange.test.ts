import { expect, it } from 'vitest';
import { nodePortsInRange } from '../../../checks/services/nodePortsInRange.ts';
import { aMissing, aSnapshot, codesOf } from '../../support/aSnapshot.ts';
import { aPod } from '../../support/lbObjects.ts';
import { shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const at = (nodePort: number, name = 'shop') =>
  shopCluster({
    services: [
      {
        ...shop({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort }] }),
        metadata: { name, namespace: 'default' },
      },
    ],
    slices: [shopSlice()],
  });
const apiServer = (range: string) => {
  const pod = aPod('kube-apiserver-n1', [], {
    spec: {
      containers: [{ name: 'kube-apiserver', command: ['kube-apiserver', `--service-node-port-range=${range}`] }],
    },
    meta: { namespace: 'kube-system' },
  });
  return { facts: { systemPods: [pod] } };
};
const local = (range: string, reserved = '') => ({
  nodes: {
    n1: {
      sysctls: new Map([
        ['net.ipv4.ip_local_port_range', range],
        ['net.ipv4.ip_local_reserved_ports', reserved],
      ]),
    },
  },
});
const off = { status: { kpr: { mode: 'False' } } };

standardCases(nodePortsInRange, {
  healthy: at(31_000),
  faulty: {
    KPR5001: { outside: at(25_083), apiServerRange: apiServer('20000-32767'), ephemeral: local('1024\t60999') },
  },
  notApplicable: { nodes: { n1: off, n2: off } },
  hostile: (text) => at(25_083, text),
});

it.each([
  ['the API server’s range within Cilium’s', apiServer('30100-30200'), []],
  ['reserved ports', local('1024 60999', '8080,30000-32767'), []],
  ['reserved in part', local('1024 60999', '30000-30100'), ['KPR5001 n1']],
  ['a range that begins behind NodePorts', local('32768 60999'), []],
  [
    'an agent that says nothing: the range of its configuration counts',
    {
      ...at(25_083),
      nodes: Object.fromEntries(
        ['n1', 'n2'].map((name) => [
          name,
          {
            status: aMissing('timeout'),
            startedConfig: new Map([
              ['node-port-range', '20000,32767'],
              ['kube-proxy-replacement', 'true'],
            ]),
          },
        ]),
      ),
    },
    [],
  ],
])('%s', (_, cluster, expected) => {
  expect(codesOf(nodePortsInRange, aSnapshot(cluster))).toEqual(expected);
});
