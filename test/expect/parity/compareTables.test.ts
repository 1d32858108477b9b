import { describe, expect, it } from 'vitest';
import { compareTables } from '../../../src/expect/parity/compareTables.ts';
import type { ExpectedTable } from '../../../src/expect/lb/ExpectedTable.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { parseBpfLbList } from '../../../src/parse/lb/parseBpfLbList.ts';
import type { LbTable } from '../../../src/model/lb/LbTable.ts';
import { parseServiceList } from '../../../src/parse/lb/parseServiceList.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { aPod, aService, aSlice, expectation, onNode, twoBackends } from '../../support/lbObjects.ts';

/** Frontends as `lb/maps-dump` prints them: the first `count` backends take new connections. */
function dumpOf(
  ...frontends: readonly {
    readonly key: string;
    readonly flags: string;
    readonly backends: readonly string[];
    readonly count?: number;
  }[]
): string {
  const all = [...new Set(frontends.flatMap(({ backends }) => backends))];
  const lines = all.map((key, at) => `BE: ID=${at + 1} ADDR=${key} STATE=active`);
  for (const [at, { key, flags, backends, count = backends.length }] of frontends.entries()) {
    const id = at + 1;
    lines.push(`REV: ID=${id} ADDR=${key.slice(0, key.indexOf('/'))}`);
    lines.push(
      `SVC: ID=${id} ADDR=${key} SLOT=0 LBALG=undef AFFTimeout=0 COUNT=${count} QCOUNT=${backends.length - count} FLAGS=${flags}`,
    );
    lines.push(
      ...backends.map(
        (backend, slot) =>
          `SVC: ID=${id} ADDR=${key} SLOT=${slot + 1} BEID=${all.indexOf(backend) + 1} COUNT=0 QCOUNT=0 FLAGS=${flags}`,
      ),
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}

const clusterIP = { key: '10.96.0.9:80/TCP', flags: 'ClusterIP+non-routable' };
const first = '10.1.1.1:8080/TCP';
const second = '10.1.2.1:8080/TCP';
const codes = (expected: ExpectedTable, text: string): readonly string[] =>
  compareTables(expected, parseMapsDump(text)).map(({ kind, frontend }) => `${kind} ${frontend}`);

const service = (affinity: string) =>
  aService({
    meta: { annotations: { 'service.cilium.io/global': 'true', 'service.cilium.io/affinity': affinity } },
  });
const remote = '10.9.0.1:8080/TCP';

describe('what is no difference', () => {
  it('the order of slots', () => {
    expect(codes(expectation({ services: [aService()] }), dumpOf({ ...clusterIP, backends: [second, first] }))).toEqual(
      [],
    );
  });

  it('terminating backends behind the count', () => {
    const slice = aSlice([
      onNode('10.1.1.1', 'n1'),
      onNode('10.1.2.1', 'n2', { conditions: { ready: false, serving: true, terminating: true } }),
    ]);
    expect(
      codes(
        expectation({ services: [aService()], endpointSlices: [slice] }),
        dumpOf({ ...clusterIP, backends: [first, second], count: 1 }),
      ),
    ).toEqual([]);
  });

  it('an address that two EndpointSlices describe differently', () => {
    const slices = [
      twoBackends,
      aSlice([onNode('10.1.2.1', 'n2', { conditions: { ready: false } })], { name: 'other' }),
    ];
    const expected = expectation({ services: [aService()], endpointSlices: slices });
    expect(codes(expected, dumpOf({ ...clusterIP, backends: [first, second] }))).toEqual([]);
    expect(codes(expected, dumpOf({ ...clusterIP, backends: [first] }))).toEqual([]);
    expect(codes(expected, dumpOf({ ...clusterIP, backends: [second] }))).toEqual(['backendsMissing 10.96.0.9:80/TCP']);
  });

  it('backends of other clusters of a global Service', () => {
    const added = dumpOf({ ...clusterIP, backends: [first, second, remote] });
    const replaced = dumpOf({ ...clusterIP, backends: [remote] });
    expect(codes(expectation({ services: [service('none')] }), added)).toEqual([]);
    expect(codes(expectation({ services: [service('none')] }), replaced)).toEqual(['backendsMissing 10.96.0.9:80/TCP']);
    expect(codes(expectation({ services: [service('remote')] }), replaced)).toEqual([]);
    expect(codes(expectation({ services: [aService()] }), added)).toEqual(['backendsStale 10.96.0.9:80/TCP']);
  });

  it('wildcard rows, there or not', () => {
    const wildcard =
      'SVC: ID=0 ADDR=10.96.0.9:0/ANY SLOT=0 LBALG=undef AFFTimeout=0 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable\n';
    const text = dumpOf({ ...clusterIP, backends: [first, second] });
    const expected = expectation({ services: [aService()] });
    expect(codes(expected, text)).toEqual([]);
    expect(codes(expected, text + wildcard)).toEqual([]);
  });

  it('an L7 redirect, in whose place affinity cannot stand', () => {
    const text = dumpOf({ ...clusterIP, backends: [first, second] })
      .replace('LBALG=undef AFFTimeout=0', 'L7Proxy=14001')
      .replaceAll('FLAGS=ClusterIP+non-routable', 'FLAGS=ClusterIP+non-routable+l7-load-balancer');
    expect(codes(expectation({ services: [aService({ sessionAffinity: 'ClientIP' })] }), text)).toEqual([]);
  });

  it('rows with protocol ANY that an upgrade to 1.17 left', () => {
    const any = { ...clusterIP, key: '10.96.0.9:80/ANY', backends: ['10.1.1.1:8080/ANY', '10.1.2.1:8080/ANY'] };
    const expected = expectation({ services: [aService()], version: '1.17.3' });
    expect(codes(expected, dumpOf(any))).toEqual([]);
    expect(codes(expected, dumpOf({ ...any, backends: ['10.1.1.1:8080/ANY'] }))).toEqual([
      'backendsMissing 10.96.0.9:80/TCP',
    ]);
  });

  it('either of two owners of one address', () => {
    const other = aService({ name: 'other', clusterIP: '10.96.0.10', externalIPs: ['10.96.0.9'] });
    const slices = [twoBackends, aSlice([onNode('10.1.3.1', 'n1')], { service: 'other' })];
    const expected = expectation({ services: [aService(), other], endpointSlices: slices });
    const theirs = { key: '10.96.0.9:80/TCP', flags: 'ExternalIPs', backends: ['10.1.3.1:8080/TCP'] };
    expect(codes(expected, dumpOf({ ...clusterIP, backends: [first, second] }))).toEqual([]);
    expect(
      codes(
        expected,
        dumpOf(theirs, { key: '10.96.0.10:80/TCP', flags: 'ClusterIP+non-routable', backends: ['10.1.3.1:8080/TCP'] }),
      ),
    ).toEqual([]);
    expect(codes(expected, dumpOf({ ...clusterIP, backends: [first] }))).toEqual(['backendsMissing 10.96.0.9:80/TCP']);
  });
});

describe('local redirects', () => {
  const policy = {
    metadata: { name: 'local', namespace: 'shop' },
    spec: {
      redirectFrontend: { serviceMatcher: { serviceName: 'cart', namespace: 'shop' } },
      redirectBackend: {
        localEndpointSelector: { matchLabels: { app: 'cache' } },
        toPorts: [{ port: '8080', protocol: 'TCP' }],
      },
    },
  };
  const pod: Pod = aPod('cache', [{ containerPort: 8080, name: 'http' }]);
  const settings = { 'enable-local-redirect-policy': 'true' };
  const redirected = dumpOf({ key: '10.96.0.9:80/TCP', flags: 'LocalRedirect', backends: ['10.1.1.7:8080/TCP'] });

  it('send a ClusterIP to local pods, and change nothing without one', () => {
    const services = [aService()];
    expect(
      codes(expectation({ services, settings, pods: [pod], localRedirectPolicies: [policy] }), redirected),
    ).toEqual([]);
    expect(
      codes(
        expectation({ services, settings, pods: [], localRedirectPolicies: [policy] }),
        dumpOf({ ...clusterIP, backends: [first, second] }),
      ),
    ).toEqual([]);
  });

  it('that is not applied', () => {
    const expected = expectation({ services: [aService()], settings, pods: [pod], localRedirectPolicies: [policy] });
    const [stale] = compareTables(expected, parseMapsDump(dumpOf({ ...clusterIP, backends: [first, second] })));
    expect(stale).toMatchObject({ kind: 'backendsStale', expected: ['10.1.1.7:8080/TCP'], found: [first, second] });
  });

  it('are not judged while policies or pods were not read', () => {
    expect(codes(expectation({ services: [aService()], settings, pods: undefined }), redirected)).toEqual([]);
    expect(codes(expectation({ services: [aService()], pods: undefined }), redirected)).not.toEqual([]);
  });
});

const rows = (backends: readonly string[]) =>
  dumpOf(
    { ...clusterIP, backends: [first, second] },
    { key: '0.0.0.0:30080/TCP', flags: 'NodePort+non-routable', backends: [first, second] },
    { key: '172.30.0.99:30080/TCP', flags: 'NodePort', backends },
  );

const list = (backends: readonly string[]): string =>
  JSON.stringify({
    '10.96.0.9:80/TCP (0)': ['0.0.0.0:0 (1) (0) [ClusterIP, non-routable] '],
    ...Object.fromEntries(backends.map((key, at) => [`10.96.0.9:80/TCP (${at + 1})`, [`${key} (1) (${at + 1})`]])),
  });

describe('while something was not read', () => {
  const nodePort = aService({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30080 }] });

  it('node addresses: their rows are judged by the row of the zero address', () => {
    const expected = expectation({
      services: [nodePort],
      node: { nodePortAddresses: undefined, localAddresses: undefined },
    });
    expect(codes(expected, rows([first, second]))).toEqual([]);
    expect(codes(expected, rows([first]))).toEqual(['backendsMissing 172.30.0.99:30080/TCP']);
    expect(codes(expectation({ services: [nodePort] }), rows([first, second]))).toEqual([
      'frontendMissing 172.30.0.11:30080/TCP',
      'frontendOrphan 172.30.0.99:30080/TCP',
    ]);
  });

  it('pods: hostPort rows are not judged', () => {
    const text = dumpOf({ key: '172.30.0.11:8080/TCP', flags: 'HostPort', backends: ['10.1.1.7:80/TCP'] });
    expect(codes(expectation({ pods: undefined }), text)).toEqual([]);
    expect(codes(expectation({}), text)).toEqual(['frontendOrphan 172.30.0.11:8080/TCP']);
  });

  const slice = aSlice([
    onNode('10.1.1.1', 'n1'),
    onNode('10.1.2.1', 'n2', { conditions: { ready: false, serving: true, terminating: true } }),
  ]);

  it('counts: a backend is missing without a slot, and stale when it may have none', () => {
    const expected = expectation({ services: [aService()], endpointSlices: [slice] });
    const said = (backends: readonly string[]) =>
      compareTables(expected, parseBpfLbList({ list: list(backends) })).map(({ kind }) => kind);
    expect(said([first, second])).toEqual([]);
    expect(said([first, second, '10.1.9.9:8080/TCP'])).toEqual(['backendsStale']);
    expect(said([second])).toEqual(['backendsMissing']);
  });
});

it('a frontend that changed while it was read is torn', () => {
  const list = JSON.stringify({ '10.96.0.9:80/TCP (0)': ['0.0.0.0:0 (1) (0) [ClusterIP, non-routable] '] });
  const frontends = JSON.stringify({
    '10.96.0.9:80/TCP (0)': ['0 1[0] (1) [0x0 0x0]'],
    '10.96.0.9:80/TCP (1)': ['1 0[0] (1) [0x0 0x0]'],
  });
  const differences = compareTables(expectation({ services: [aService()] }), parseBpfLbList({ list, frontends }));
  expect(differences.length).toBeGreaterThan(0);
  expect(differences.every(({ torn }) => torn)).toBe(true);
});

describe('lines that were not understood cast doubt', () => {
  it('on the frontend that they are about', () => {
    const text = `${dumpOf({ ...clusterIP, backends: [first] })}SVC: ID=1 ADDR=10.96.0.9:80/TCP SLOT=2 BEID=\n`;
    expect(compareTables(expectation({ services: [aService()] }), parseMapsDump(text))).toMatchObject([
      { kind: 'backendsMissing', doubt: 'a line about this frontend was not understood' },
    ]);
  });

  it('on every missing frontend, where it cannot be told', () => {
    const [difference] = compareTables(
      expectation({ services: [aService()] }),
      parseMapsDump('SVC: ID=1 ADDR=?\nREV: ID=1 ADDR=10.0.0.1:80\n'),
    );
    expect(difference).toMatchObject({
      kind: 'frontendMissing',
      doubt: 'a line was not understood and may be this one',
    });
  });

  it('not where all was understood, or it is another protocol', () => {
    const [difference] = compareTables(
      expectation({ services: [aService()] }),
      parseMapsDump('SVC: ID=1 ADDR=10.0.0.1:80/DCCP SLOT=0\nREV: ID=1 ADDR=10.0.0.1:80\n'),
    );
    expect(difference).toMatchObject({ kind: 'frontendMissing', doubt: undefined });
  });
});

const agentWith = (only: string): LbTable => parseServiceList(`only ${only}\n[]`);
const layersOf = (dump: string, agent: LbTable): readonly string[] =>
  compareTables(expectation({ services: [aService()], endpointSlices: [twoBackends] }), parseMapsDump(dump), agent).map(
    ({ kind, layer }) => `${kind} ${layer}`,
  );

describe('a row of which the agent was not asked', () => {
  it.each([
    ['is missing', 'frontendMissing', 'apiToAgent', ''],
    ['has backends that are missing', 'backendsMissing', 'apiToAgent', dumpOf({ ...clusterIP, backends: [first] })],
    [
      'is asked for by nobody',
      'frontendOrphan',
      'agentToMap',
      dumpOf({ ...clusterIP, backends: [first, second] }, { ...clusterIP, key: '10.96.0.8:80/TCP', backends: [first] }),
    ],
  ])('and that %s: nobody knows where it was lost', (_, kind, layer, dump) => {
    expect(layersOf(dump, agentWith('192.0.2.1 80'))).toEqual([`${kind} unknown`]);
    expect(layersOf(dump, agentWith('10.96.0.9 80 10.96.0.8 80 0.0.0.0 80'))).toEqual([`${kind} ${layer}`]);
  });
});
