// `node test/bench/parseCompare.ts [SERVICES…]`: reading one node's load-balancing tables and comparing them with the
// API, beside what JSON.parse takes for the same rows as JSON. The best of 25 runs, in milliseconds: what others do on
// the machine only adds.
import { compareTables } from '../../src/expect/parity/compareTables.ts';
import { type ApiObjects, expectTable } from '../../src/expect/lb/expectTable.ts';
import { lbConfigWith } from '../support/agentConfigs.ts';
import type { EndpointSlice, Service } from '../../src/model/kubernetes.ts';
import { parseBpfLbList } from '../../src/parse/lb/parseBpfLbList.ts';
import { parseMapsDump } from '../support/parseMapsDump.ts';

const backendsEach = 3;
const asked = process.argv.slice(2).map(Number);

console.log(
  'services    rows  JSON.parse  maps-dump    ratio   lb list    ratio   compare  expectation  dump+compare  ratio',
);
for (const services of asked.length > 0 ? asked : [2_500, 5_000, 10_000, 20_000]) console.log(measured(services));

function measured(services: number): string {
  const { dump, json, list, frontends, revnat, objects, rows } = clusterOf(services);
  const config = lbConfigWith({ 'kube-proxy-replacement': 'true' }, '1.20.1');
  const node = {
    name: 'n1',
    labels: {},
    nodePortAddresses: ['172.30.0.11'],
    localAddresses: ['172.30.0.11'],
    clusterAddresses: new Set<string>(),
  };
  const expected = expectTable({ node, config, objects });
  const table = parseMapsDump(dump);
  const differences =
    compareTables(expected, table).length + compareTables(expected, parseBpfLbList({ list, frontends, revnat })).length;
  if (differences > 0 || table.notUnderstood.length > 0) throw new Error('the benchmark compares what is not equal');

  const ofJson = best(() => JSON.parse(json));
  const ofDump = best(() => parseMapsDump(dump));
  const ofList = best(() => parseBpfLbList({ list, frontends, revnat }));
  const ofListJson = best(() => [JSON.parse(list), JSON.parse(frontends), JSON.parse(revnat)]);
  const ofCompare = best(() => compareTables(expected, table));
  // Fresh slices each time: what is shared between nodes is computed anew.
  const ofExpectation = best(() =>
    expectTable({ node, config, objects: { ...objects, endpointSlices: [...objects.endpointSlices] } }),
  );
  const both = ofDump + ofCompare;
  const cells = [
    services,
    rows,
    ofJson,
    ofDump,
    ofDump / ofJson,
    ofList,
    ofList / ofListJson,
    ofCompare,
    ofExpectation,
    both,
    both / ofJson,
  ];
  const widths = [8, 7, 11, 10, 8, 9, 8, 9, 12, 13, 6];
  return cells
    .map((cell, at) =>
      (at < 2 ? String(cell) : cell.toFixed(at === 4 || at === 6 || at === 10 ? 2 : 1)).padStart(widths[at] ?? 8),
    )
    .join(' ');
}

function best(run: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 25; i++) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

interface Cluster {
  readonly dump: string;
  /** The same rows as JSON objects, one a row. */
  readonly json: string;
  readonly list: string;
  readonly frontends: string;
  readonly revnat: string;
  readonly objects: ApiObjects;
  readonly rows: number;
}

function clusterOf(services: number): Cluster {
  const lines: string[] = [];
  const objects: object[] = [];
  const list: Record<string, string[]> = {};
  const frontends: Record<string, string[]> = {};
  const revnat: Record<string, string[]> = {};
  const api: { services: Service[]; endpointSlices: EndpointSlice[] } = { services: [], endpointSlices: [] };
  const flags = 'ClusterIP+non-routable';
  let rows = 0;
  for (let service = 0; service < services; service++) {
    const clusterIP = `10.${96 + (service >> 16)}.${(service >> 8) & 255}.${service & 255}`;
    const id = service + 1;
    const address = `${clusterIP}:80/TCP`;
    const name = `service-${service}`;
    lines.push(`REV: ID=${id} ADDR=${clusterIP}:80`);
    lines.push(
      `SVC: ID=${id} ADDR=${address} SLOT=0 LBALG=undef AFFTimeout=0 COUNT=${backendsEach} QCOUNT=0 FLAGS=${flags}`,
    );
    objects.push({ kind: 'REV', id, address: `${clusterIP}:80` });
    objects.push({
      kind: 'SVC',
      id,
      address,
      slot: 0,
      algorithm: 'undef',
      affinity: 0,
      count: backendsEach,
      inactive: 0,
      flags,
    });
    list[`${address} (0)`] = [`0.0.0.0:0 (${id}) (0) [ClusterIP, non-routable] `];
    frontends[`${address} (0)`] = [`0 ${backendsEach}[0] (${id}) [0x0 0x0]`];
    revnat[String(id)] = [`${clusterIP}:80`];
    rows++;
    const endpoints = [];
    for (let slot = 1; slot <= backendsEach; slot++) {
      const backendId = service * backendsEach + slot;
      const pod = `10.${16 + (backendId >> 16)}.${(backendId >> 8) & 255}.${backendId & 255}`;
      endpoints.push({
        addresses: [pod],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: `n${slot}`,
      });
      lines.push(`BE: ID=${backendId} ADDR=${pod}:8080/TCP STATE=active`);
      lines.push(`SVC: ID=${id} ADDR=${address} SLOT=${slot} BEID=${backendId} COUNT=0 QCOUNT=0 FLAGS=${flags}`);
      objects.push({ kind: 'BE', id: backendId, address: `${pod}:8080/TCP`, state: 'active' });
      objects.push({ kind: 'SVC', id, address, slot, backendId, count: 0, inactive: 0, flags });
      list[`${address} (${slot})`] = [`${pod}:8080/TCP (${id}) (${slot})`];
      frontends[`${address} (${slot})`] = [`${backendId} 0[0] (${id}) [0x0 0x0]`];
      rows++;
    }
    api.services.push({
      metadata: { name, namespace: 'default' },
      spec: {
        type: 'ClusterIP',
        clusterIP,
        clusterIPs: [clusterIP],
        ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
      },
    });
    api.endpointSlices.push({
      metadata: { name: `${name}-x`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      endpoints,
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    });
  }
  return {
    // As the program prints it: sorted.
    dump: `${lines.toSorted().join('\n')}\n`,
    json: JSON.stringify(objects),
    list: JSON.stringify(list, null, 2),
    frontends: JSON.stringify(frontends, null, 2),
    revnat: JSON.stringify(revnat, null, 2),
    objects: { ...api, pods: [], localRedirectPolicies: [] },
    rows,
  };
}
