import { expect, test } from 'vitest';
import { Derivations } from '../../../src/core/Derivations.ts';
import { apiServers } from '../../../src/expect/api-server/apiServers.ts';
import { endpointParams } from '../../../checks/api-endpoint/endpointParams.ts';
import type { ConfigMap } from '../../../src/model/kubernetes.ts';
import { aSnapshot, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aSlice } from '../../support/healthy.ts';

type Facts = NonNullable<SnapshotChanges['facts']>;
const configMap = (name: string, data: Readonly<Record<string, string>>): ConfigMap => ({ metadata: { name }, data });
const kubeadm = (endpoint: string): Facts => ({
  kubeadmConfig: configMap('kubeadm-config', { ClusterConfiguration: `controlPlaneEndpoint: "${endpoint}"` }),
});
const clusterInfo = (server: string): Facts => ({
  clusterInfo: configMap('cluster-info', { kubeconfig: `clusters:\n- cluster:\n    server: ${server}\n  name: ""\n` }),
});
const servers = (...addresses: string[]): Facts => ({
  endpointSlices: [aSlice('kubernetes', addresses, { ports: [{ name: 'https', port: 6443 }] })],
});

test.each<[string, Facts, string[], string]>([
  ['one server', {}, ['172.30.0.1:6443'], '172.30.0.1:6443'],
  [
    'several servers, no address for all',
    servers('10.0.0.1', '10.0.0.2'),
    ['10.0.0.1:6443', '10.0.0.2:6443'],
    'ADDRESS_OF_ALL_API_SERVERS:6443',
  ],
  ['kubeadm’s endpoint', kubeadm('api.example:6443'), ['api.example:6443', '172.30.0.1:6443'], 'api.example:6443'],
  ['without a port', kubeadm('api.example'), ['api.example:6443', '172.30.0.1:6443'], 'api.example:6443'],
  ['with the port of https', kubeadm('api.example:443'), ['api.example:443', '172.30.0.1:6443'], 'api.example:443'],
  ['IPv6', kubeadm('[fd00::1]:6443'), ['fd00::1:6443', '172.30.0.1:6443'], 'fd00::1:6443'],
  ['cluster-info', clusterInfo('https://lb.example'), ['lb.example:443', '172.30.0.1:6443'], 'lb.example:443'],
  ['the same twice', clusterInfo('https://172.30.0.1:6443'), ['172.30.0.1:6443'], '172.30.0.1:6443'],
  ['no URL', clusterInfo('nonsense'), ['172.30.0.1:6443'], '172.30.0.1:6443'],
  [
    'no YAML',
    { clusterInfo: configMap('cluster-info', { kubeconfig: 'a: [' }) },
    ['172.30.0.1:6443'],
    '172.30.0.1:6443',
  ],
  [
    'another shape',
    { clusterInfo: configMap('cluster-info', { kubeconfig: 'clusters: {}' }) },
    ['172.30.0.1:6443'],
    '172.30.0.1:6443',
  ],
])('%s', (_, facts, expected, recommended) => {
  const servers = new Derivations(aSnapshot({ facts })).of(apiServers);
  expect(servers.map(({ host, port }) => `${host}:${port}`)).toEqual(expected);
  const { apiHost, apiPort } = endpointParams(servers);
  expect(`${apiHost}:${apiPort}`).toBe(recommended);
});
