import { deepStrictEqual as deepEqual } from 'node:assert';
import { type ApiObjects, expectTable } from '../../src/expect/lb/expectTable.ts';
import type { ExpectedFrontend, ExpectedTable } from '../../src/expect/lb/ExpectedTable.ts';
import { SharedTables } from '../../src/expect/lb/SharedTables.ts';
import type { ExpectNode } from '../../src/expect/lb/ExpectNode.ts';
import { lbConfigWith } from './agentConfigs.ts';
import type { Endpoint, EndpointSlice, ObjectMeta, Pod, Service } from '../../src/model/kubernetes.ts';

type Spec = NonNullable<Service['spec']>;
interface AService extends Spec {
  readonly name?: string;
  readonly meta?: Partial<ObjectMeta>;
  readonly status?: NonNullable<Service['status']>;
}

/** `shop/cart`, ClusterIP 10.96.0.9, port 80 named http, unless said otherwise. */
export const aService = ({ name = 'cart', meta = {}, status, ...spec }: AService = {}): Service => ({
  metadata: { name, namespace: 'shop', ...meta },
  spec: { type: 'ClusterIP', clusterIP: '10.96.0.9', ports: [{ name: 'http', port: 80, protocol: 'TCP' }], ...spec },
  ...(status === undefined ? {} : { status }),
});

interface ASlice {
  readonly service?: string;
  readonly name?: string;
  readonly meta?: Partial<ObjectMeta>;
  readonly addressType?: string;
  readonly ports?: EndpointSlice['ports'];
}

/** Endpoints of `shop/cart` on port 8080 named http. */
export const aSlice = (
  endpoints: readonly Endpoint[],
  { service = 'cart', name = `${service}-x`, meta = {}, addressType = 'IPv4', ports }: ASlice = {},
): EndpointSlice => ({
  metadata: { name, namespace: 'shop', labels: { 'kubernetes.io/service-name': service }, ...meta },
  addressType,
  endpoints,
  ports: ports ?? [{ name: 'http', port: 8080, protocol: 'TCP' }],
});

export const onNode = (address: string, nodeName: string, rest: Partial<Endpoint> = {}): Endpoint => ({
  addresses: [address],
  nodeName,
  ...rest,
});

/** One backend on each of n1 and n2. */
export const twoBackends = aSlice([onNode('10.1.1.1', 'n1'), onNode('10.1.2.1', 'n2')]);

interface Given extends Partial<ApiObjects> {
  readonly node?: Partial<ExpectNode>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly version?: string;
}

/**
 * What node n1 (172.30.0.11) with kube-proxy replacement and Cilium 1.20 must hold: the same by itself and together
 * with another node, also where its own addresses were not read.
 */
export function expectation({ node = {}, settings = {}, version = '1.20.1', ...objects }: Given): ExpectedTable {
  const own = {
    name: 'n1',
    labels: {},
    nodePortAddresses: ['172.30.0.11'],
    localAddresses: ['172.30.0.11'],
    clusterAddresses: new Set(['172.30.0.11', '172.30.0.12']),
    ...node,
  };
  const config = lbConfigWith({ 'kube-proxy-replacement': 'true', ...settings }, version);
  const all = { services: [], endpointSlices: [twoBackends], pods: [], localRedirectPolicies: [], ...objects };
  const unread = { ...own, nodePortAddresses: undefined, localAddresses: undefined };
  const alone = expectTable({ node: own, config, objects: all });
  const tables = new SharedTables(all);
  tables.tableOf({ ...own, name: 'n2', nodePortAddresses: ['172.30.0.12'], localAddresses: ['172.30.0.12'] }, config);
  deepEqual(asLists(tables.tableOf(own, config)), asLists(alone));
  deepEqual(asLists(tables.tableOf(unread, config)), asLists(expectTable({ node: unread, config, objects: all })));
  return alone;
}

const asLists = ({ frontends, ...rest }: ExpectedTable): unknown => ({
  ...rest,
  frontends: [...frontends],
  size: frontends.size,
  found: [...frontends.keys()].map((key) => frontends.get(key)),
});

/** `10.96.0.9:80/TCP ClusterIP: 10.1.1.1:8080/TCP 10.1.2.1:8080/TCP`, a line a row. */
export const rowsOf = (table: ExpectedTable): readonly string[] => [...table.frontends.values()].map(rowOf);

const rowOf = ({ key, type, selectable }: ExpectedFrontend): string => [`${key} ${type}:`, ...selectable].join(' ');

export const aPod = (
  name: string,
  ports: readonly object[],
  rest: { readonly status?: object; readonly spec?: object; readonly meta?: object } = {},
): Pod =>
  ({
    metadata: { name, namespace: 'shop', labels: { app: name }, ...rest.meta },
    spec: { nodeName: 'n1', containers: [{ name: 'main', ports }], ...rest.spec },
    status: {
      phase: 'Running',
      podIP: '10.1.1.7',
      podIPs: [{ ip: '10.1.1.7' }],
      conditions: [{ type: 'Ready', status: 'True' }],
      ...rest.status,
    },
  }) as Pod;
