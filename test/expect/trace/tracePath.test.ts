import { describe, expect, it } from 'vitest';
import { Derivations } from '../../../src/core/Derivations.ts';
import type { FrontendTrace, NodeTrace } from '../../../src/expect/trace/FrontendTrace.ts';
import { tracePath } from '../../../src/expect/trace/tracePath.ts';
import { type TraceSource, traceSources } from '../../../src/expect/trace/traceWay.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { Snapshot } from '../../../src/model/Snapshot.ts';
import { aMissing, aSnapshot, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aService, aSlice } from '../../support/healthy.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { balanced, shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { sampleNames, sampleNodes } from '../../support/lbSamples.ts';
import { sampleSnapshot, withEndpoints } from '../../support/sampleSnapshot.ts';
import { aFrontendKey } from '../../support/keys.ts';

interface Asked {
  readonly node?: string;
  readonly source?: TraceSource;
  /** The port's number. */
  readonly port?: number;
}

function trace(snapshot: Snapshot, name: string, { node = 'n2', source = 'pod', port }: Asked = {}): NodeTrace {
  const service = valueOf(snapshot.facts.services)?.find(({ metadata }) => metadata.name === name);
  const on = snapshot.nodes.find((one) => one.name === node);
  if (service === undefined || on === undefined) throw new Error(`no ${name} or ${node}`);
  const wanted = service.spec?.ports?.find((one) => one.port === port);
  return tracePath(new Derivations(snapshot), on, { service, source, port: wanted });
}

/** `NodePort 31081: asExpected socketLb internal n1 n2 n2`, a line each. */
const said = ({ frontends }: NodeTrace): readonly string[] =>
  frontends.map((one) => {
    const where = one.address === undefined ? one.port : `${one.address}:${one.port}`;
    const nodes = one.backends.filter(({ found }) => found === 'yes').map(({ node }) => node ?? '?');
    return [`${one.type} ${where}:`, one.verdict, one.way.translator, one.way.scope, ...nodes.toSorted()].join(' ');
  });

const only = ({ frontends }: NodeTrace): FrontendTrace => {
  const [one] = frontends;
  if (one === undefined || frontends.length > 1) throw new Error(`${frontends.length} frontends`);
  return one;
};

describe.each(sampleNames)('a healthy cluster with Cilium %s', (sample) => {
  const snapshot = sampleSnapshot(sample);
  const names = (valueOf(snapshot.facts.services) ?? []).map(({ metadata }) => metadata.name);
  const everything = names.flatMap((name) =>
    sampleNodes.flatMap((node) => traceSources.map((source) => [name, node, source] as const)),
  );

  it.each(everything)('has nothing wrong or unknown for %s on %s from %s', (name, node, source) => {
    const path = trace(snapshot, name, { node, source });
    expect(path).toMatchObject({ none: undefined, unknown: undefined, assumed: undefined, beside: [] });
    expect(path.frontends.length).toBeGreaterThan(0);
    for (const { verdict, backends, way } of path.frontends) {
      expect(['asExpected', 'notServed', 'notHere', 'noBackends']).toContain(verdict);
      expect(verdict === 'noBackends').toBe(name === 'empty' && way.translator === 'socketLb');
      for (const one of backends) expect(one.found).toBe(one.expected);
    }
  });
});

describe('which way', () => {
  const snapshot = sampleSnapshot('1.20.1');

  it('from a pod, with policy Local for the outside: all backends, by the scope for inside', () => {
    expect(said(trace(snapshot, 'httpd-local'))).toEqual([
      'ClusterIP 10.96.90.25:80: asExpected socketLb external n1 n2 n2',
      'NodePort 31081: asExpected socketLb internal n1 n2 n2',
    ]);
  });

  it('from outside: only what is served there, and only backends of this node', () => {
    expect(said(trace(snapshot, 'httpd-local', { source: 'external' }))).toEqual([
      'ClusterIP 10.96.90.25:80: notServed nobody external',
      'NodePort 31081: asExpected device external n2 n2',
    ]);
    expect(said(trace(snapshot, 'httpd-local', { source: 'external', node: 'n1' }))).toEqual([
      'ClusterIP 10.96.90.25:80: notServed nobody external',
      'NodePort 31081: asExpected device external n1',
    ]);
  });

  it('external IPs are left to the network inside, and balanced from outside', () => {
    expect(said(trace(snapshot, 'httpd-np', { source: 'node' })).at(-1)).toBe(
      'ExternalIPs 203.0.113.7:80: notHere elsewhere external',
    );
    expect(said(trace(snapshot, 'httpd-np', { source: 'external' })).at(-1)).toBe(
      'ExternalIPs 203.0.113.7:80: asExpected device external n1 n2 n2',
    );
  });

  it('names the rows that decide: node addresses and the zero address from inside, the former only from outside', () => {
    expect(trace(snapshot, 'httpd-local').frontends.at(-1)?.rows).toEqual([
      '0.0.0.0:31081/TCP/i',
      '172.30.0.12:31081/TCP/i',
    ]);
    expect(trace(snapshot, 'httpd-local', { source: 'external' }).frontends.at(-1)?.rows).toEqual([
      '172.30.0.12:31081/TCP',
    ]);
  });

  it('a port chooses', () => {
    expect(said(trace(snapshot, 'kube-dns', { port: 9153 }))).toEqual([
      'ClusterIP 10.96.0.10:9153: asExpected socketLb external n1 n2',
    ]);
  });

  it('each backend has its share, and affinity its key', () => {
    const pod = trace(snapshot, 'httpd-local').frontends[1];
    expect(pod?.backends.map(({ share }) => share)).toEqual(Array.from({ length: 3 }, () => ({ shares: 1, total: 3 })));
    expect(pod).toMatchObject({
      algorithm: 'random',
      forwarding: undefined,
      policy: { field: 'internalTrafficPolicy', value: 'Cluster' },
      affinity: { seconds: 10_800, by: 'clientNamespace' },
    });
    expect(trace(snapshot, 'httpd-local', { source: 'external' }).frontends[1]).toMatchObject({
      forwarding: 'snat',
      policy: { field: 'externalTrafficPolicy', value: 'Local' },
      affinity: { by: 'clientAddress' },
    });
  });

  it('DSR and Maglev are for the outside', () => {
    const dsr = sampleSnapshot('1.19.6-dsr-maglev');
    expect(trace(dsr, 'httpd-np', { source: 'external' }).frontends[1]).toMatchObject({
      type: 'NodePort',
      forwarding: 'dsr',
      algorithm: 'maglev',
    });
    expect(trace(dsr, 'httpd-np').frontends[1]).toMatchObject({ forwarding: undefined, algorithm: 'random' });
  });
});

/** Drops the entries of a `bpf lb list` whose key, `ADDRESS:PORT/PROTO (SLOT)`, begins like this. */
const withoutRows =
  (key: string) =>
  (text: string): string => {
    const json = JSON.parse(text) as Record<string, unknown>;
    return JSON.stringify(Object.fromEntries(Object.entries(json).filter(([row]) => !row.startsWith(key))));
  };

describe('faults of one node', () => {
  it('a stale backend: named, with its share and the step that lost it', () => {
    const snapshot = sampleSnapshot('1.20.1', {
      objects: withEndpoints('httpd', (address) => address === '10.244.0.221'),
    });
    const one = only(trace(snapshot, 'httpd'));
    expect(one.verdict).toBe('different');
    expect(one.differences).toMatchObject([
      { kind: 'backendsStale', layer: 'apiToAgent', lost: { shares: 2, total: 3 } },
    ]);
    expect(one.backends).toMatchObject([
      { address: '10.244.0.221:8080', expected: 'yes', found: 'yes', node: 'n1' },
      { address: '10.244.1.129:8080', expected: 'no', found: 'yes', node: undefined, share: { shares: 1, total: 3 } },
      { address: '10.244.1.218:8080', expected: 'no', found: 'yes' },
    ]);
  });

  it('a frontend that is gone', () => {
    const one = only(trace(sampleSnapshot('1.20.1', { maps: withoutRows('10.96.147.70:80/') }), 'httpd'));
    expect(one.differences.map(({ kind, layer }) => `${kind} ${layer}`)).toEqual(['frontendMissing agentToMap']);
    expect(one.backends.map(({ expected, found }) => `${expected} ${found}`)).toEqual(Array(3).fill('yes no'));
  });

  it('a slot that is gone: its share goes nowhere', () => {
    const one = only(trace(sampleSnapshot('1.20.1', { maps: withoutRows('10.96.147.70:80/TCP (2)') }), 'httpd'));
    expect(one).toMatchObject({ verdict: 'different', nowhere: { shares: 1, total: 3 } });
    expect(one.backends.filter(({ found }) => found === 'no')).toHaveLength(1);
  });

  it('without slot 0 nobody gets connections, whatever the other slots hold', () => {
    const one = only(trace(sampleSnapshot('1.20.1', { maps: withoutRows('10.96.147.70:80/TCP (0)') }), 'httpd'));
    expect(one).toMatchObject({ verdict: 'different', differences: [{ kind: 'damaged' }] });
    expect(one.backends.map(({ found }) => found)).toEqual(['inactive', 'inactive', 'inactive']);
  });

  it('one row of a NodePort: it stands apart from the others, which are right', () => {
    const snapshot = sampleSnapshot('1.20.1', { maps: withoutRows('172.30.0.12:31080/TCP (2)') });
    expect(said(trace(snapshot, 'httpd-np')).filter((line) => line.startsWith('NodePort'))).toEqual([
      'NodePort 0.0.0.0:31080: asExpected socketLb external n1 n2 n2',
      expect.stringMatching(/^NodePort 172\.30\.0\.12:31080: different socketLb external /),
    ]);
    expect(said(trace(snapshot, 'httpd-np', { node: 'n1' }))[1]).toContain('NodePort 31080: asExpected');
  });

  it('a row that such connections do not use is said, too', () => {
    const snapshot = sampleSnapshot('1.20.1', { maps: withoutRows('203.0.113.7:80/') });
    const path = trace(snapshot, 'httpd-np');
    expect(path.frontends.map(({ verdict }) => verdict)).toEqual(['asExpected', 'asExpected', 'notHere']);
    expect(path.beside).toMatchObject([{ kind: 'frontendMissing', frontend: '203.0.113.7:80/TCP' }]);
    expect(trace(snapshot, 'httpd-np', { source: 'external' }).beside).toEqual([]);
  });

  it('a row for a port that the Service no longer has', () => {
    const snapshot = sampleSnapshot('1.20.1', {
      objects: (objects) => ({
        ...objects,
        services: objects.services.map((service) =>
          service.metadata.name === 'httpd'
            ? { ...service, spec: { ...service.spec, ports: [{ name: 'http', port: 81, protocol: 'TCP' }] } }
            : service,
        ),
      }),
    });
    expect(said(trace(snapshot, 'httpd'))).toEqual([
      expect.stringMatching(/^ClusterIP 10\.96\.147\.70:81: different socketLb/),
      expect.stringMatching(/^ClusterIP 10\.96\.147\.70:80: different socketLb/),
    ]);
    expect(trace(snapshot, 'httpd').frontends[1]?.differences).toMatchObject([{ kind: 'frontendOrphan' }]);
  });

  it('socket LB without its program: nobody translates, though the table is right', () => {
    const connectless = sampleSnapshot('1.20.1', {
      n2: { cgroupPrograms: [{ name: 'cil_sock6_connect', attachType: 'cgroup_inet6_connect' }] },
    });
    expect(only(trace(connectless, 'httpd'))).toMatchObject({ verdict: 'different', way: { detached: ['connect4'] } });
    expect(only(trace(connectless, 'kube-dns', { port: 9153 })).way.detached).toEqual(['connect4']);
    // What arrives from outside does not pass sockets.
    expect(trace(connectless, 'httpd-np', { source: 'external' }).frontends[1]).toMatchObject({
      verdict: 'asExpected',
    });
  });

  it('what the agent could not program is wrong, also while its rows may only be late', () => {
    const snapshot = sampleSnapshot('1.20.1', {
      n2: {
        frontendStates: [
          {
            frontend: aFrontendKey('0.0.0.0:31080/TCP'),
            type: 'NodePort',
            service: 'default/httpd-np',
            status: 'Error',
            forSeconds: 5,
            error: 'E2BIG',
          },
        ],
      },
    });
    expect(trace(snapshot, 'httpd-np').frontends.map(({ verdict, agentError }) => [verdict, agentError])).toEqual([
      ['asExpected', undefined],
      ['different', 'E2BIG'],
      ['notHere', undefined],
    ]);
  });

  it('a change just now is settling', () => {
    const snapshot = sampleSnapshot('1.20.1', {
      objects: withEndpoints('httpd', (address) => address === '10.244.0.221'),
      n2: { agent: { startedAt: '2026-11-21T09:59:50Z' } },
    });
    expect(only(trace(snapshot, 'httpd'))).toMatchObject({ verdict: 'settling' });
  });
});

describe('what is not known is no pass', () => {
  it.each([
    ['the table', { lbTable: aMissing('timeout', 'no answer within 10 s') }, 'the table of the node was not read'],
    ['attached programs', { cgroupPrograms: aMissing('forbidden', 'may not exec') }, 'may not exec'],
  ] as const)('%s', (_, n2, reason) => {
    const path = trace(sampleSnapshot('1.20.1', { n2 }), 'httpd');
    expect(only(path)).toMatchObject({ verdict: 'unknown' });
    expect(only(path).reason).toContain(reason);
    // What the API asks for is known all the same.
    expect(only(path).backends.map(({ expected }) => expected)).toEqual(['yes', 'yes', 'yes']);
  });

  it('a table that was not read has no found column', () => {
    const path = trace(sampleSnapshot('1.20.1', { n2: { lbTable: aMissing('timeout') } }), 'httpd');
    expect(path.unknown).toMatchObject({ missing: 'timeout' });
    expect(only(path).backends.map(({ found }) => found)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  it('node addresses: NodePorts from outside, and whose an external IP is', () => {
    const snapshot = sampleSnapshot('1.20.1', { n2: { nodeAddresses: aMissing('timeout') } });
    expect(said(trace(snapshot, 'httpd-np', { source: 'external' }))[1]).toMatch(/^NodePort 31080: unknown device/);
    expect(said(trace(snapshot, 'httpd-np')).at(-1)).toMatch(/^ExternalIPs 203\.0\.113\.7:80: unknown unknown/);
  });

  it('a silent agent: its configuration stands for it, and that is said', () => {
    const path = trace(sampleSnapshot('1.20.1', { n2: { status: aMissing('timeout', 'hung') } }), 'httpd');
    expect(path.assumed).toBe('hung');
    expect(only(path)).toMatchObject({ verdict: 'asExpected', way: { translator: 'socketLb' } });
  });

  it('the configuration', () => {
    const snapshot = sampleSnapshot('1.20.1', { n2: { startedConfig: aMissing('absent') } });
    const bare = { ...snapshot, facts: { ...snapshot.facts, ciliumConfig: aMissing('forbidden') } };
    expect(trace(bare, 'httpd')).toMatchObject({ frontends: [], unknown: { missing: 'notCollected' } });
  });

  it('what is left to kube-proxy', () => {
    const off = new Map([['kube-proxy-replacement', 'false']]);
    const snapshot = sampleSnapshot('1.20.1', {
      all: { startedConfig: off, status: { version: '1.20.1', kpr: { mode: 'False', socketLb: false } } },
      maps: (text) => withoutRows('172.30.0.12:')(withoutRows('0.0.0.0:')(text)),
    });
    expect(said(trace(snapshot, 'httpd-np')).filter((line) => line.startsWith('NodePort'))).toEqual([
      'NodePort 31080: unknown kubeProxy external',
    ]);
    expect(said(trace(snapshot, 'httpd-np', { source: 'node' }))[0]).toMatch(/^ClusterIP \S+: unknown kubeProxy/);
  });
});

describe('a Service without frontends says why', () => {
  it.each([
    ['headless', { clusterIP: 'None', clusterIPs: ['None'] }, {}],
    ['an ExternalName', { type: 'ExternalName', clusterIP: '', clusterIPs: [] }, {}],
    ['leaves it to another proxy', {}, { labels: { 'service.kubernetes.io/service-proxy-name': 'other' } }],
    ['keeps it off this node', {}, { annotations: { 'service.cilium.io/node': 'edge' } }],
  ])('%s', (why, spec, meta) => {
    const snapshot = sampleSnapshot('1.20.1', {
      objects: (objects) => ({
        ...objects,
        services: [
          ...objects.services,
          {
            metadata: { name: 'odd', namespace: 'default', ...meta },
            spec: {
              type: 'ClusterIP',
              clusterIP: '10.96.9.9',
              clusterIPs: ['10.96.9.9'],
              ports: [{ port: 80 }],
              ...spec,
            },
          },
        ],
      }),
    });
    expect(trace(snapshot, 'odd')).toMatchObject({ frontends: [], none: expect.stringContaining(why) as unknown });
  });
});

const http = [{ name: 'http', port: 80, protocol: 'TCP' }];
const unservedOf = (changes: SnapshotChanges, source: TraceSource = 'pod'): readonly string[] =>
  trace(aSnapshot(changes), 'shop', { node: 'n1', source }).frontends.map(
    ({ type, verdict, unserved }) => `${type}: ${verdict} ${unserved?.kind ?? '-'}`,
  );
const mapsOf = (...rows: readonly string[]) => ({ lbTable: parseMapsDump(rows.join('\n')) });
const rowAt = (id: number, address: string, flags: string, backend?: number): string =>
  [
    `SVC: ID=${id} ADDR=${address} SLOT=0 LBALG=undef AFFTimeout=0 COUNT=${backend === undefined ? 0 : 1} QCOUNT=0 FLAGS=${flags}`,
    ...(backend === undefined
      ? []
      : [`SVC: ID=${id} ADDR=${address} SLOT=1 BEID=${backend} COUNT=0 QCOUNT=0 FLAGS=${flags}`]),
    `REV: ID=${id} ADDR=${address.replace(/\/.*/, '')}`,
  ].join('\n');
const emptyRow = rowAt(1, '10.96.10.1:80/TCP', 'ClusterIP+non-routable');

describe('what serves nobody although the table is as the agent makes it says why', () => {
  it('ports by other names', () => {
    const slices = [shopSlice({ ports: [{ name: 'web', port: 8080, protocol: 'TCP' }] })];
    expect(unservedOf(shopCluster({ services: [shop()], slices, n1: mapsOf(emptyRow) }))).toEqual([
      'ClusterIP: noBackends portName',
    ]);
  });

  it('nobody who is ready: the application’s', () => {
    const slices = [shopSlice({ endpoints: [] })];
    expect(unservedOf(shopCluster({ services: [shop()], slices, n1: mapsOf(emptyRow) }))).toEqual([
      'ClusterIP: noBackends notReady',
    ]);
  });

  it('an address that another Service has, and the other one by its name', () => {
    const services = [
      shop({ externalIPs: ['192.0.2.7'] }),
      aService('other', {
        ports: http,
        clusterIP: '10.96.10.2',
        clusterIPs: ['10.96.10.2'],
        externalIPs: ['192.0.2.7'],
      }),
    ];
    const slices = [
      shopSlice(),
      aSlice('other', ['10.244.1.6'], { ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }),
    ];
    const maps = mapsOf(
      rowAt(1, '192.0.2.7:80/TCP', 'ExternalIPs', 1),
      'BE: ID=1 ADDR=10.244.1.6:8080/TCP STATE=active',
    );
    const snapshot = aSnapshot(shopCluster({ services, slices, n1: maps }));
    const { frontends } = trace(snapshot, 'shop', { node: 'n1' });
    expect(frontends.map(({ type, verdict }) => `${type} ${verdict}`)).toEqual([
      'ClusterIP notServed',
      'ExternalIPs notServed',
    ]);
    for (const { reason } of frontends) expect(reason).toContain('is default/other’s');
    const [, external] = trace(snapshot, 'other', { node: 'n1', source: 'external' }).frontends;
    expect(external).toMatchObject({ type: 'ExternalIPs', verdict: 'asExpected', unserved: undefined });
  });

  it('an address of which the agent makes nothing', () => {
    const services = [balanced(shop(), '2001:db8::1')];
    expect(
      unservedOf(shopCluster({ services, slices: [shopSlice()] })).filter((line) => line.startsWith('Load')),
    ).toEqual(['LoadBalancer: notServed familyOff']);
  });

  it('source ranges keep out who comes from outside alone', () => {
    const services = [balanced(shop({ loadBalancerSourceRanges: ['fd00::/64'] }), '192.0.2.1')];
    const maps = mapsOf(
      rowAt(1, '192.0.2.1:80/TCP', 'LoadBalancer+check source-range', 1),
      'BE: ID=1 ADDR=10.244.1.5:8080/TCP STATE=active',
    );
    const cluster = shopCluster({ services, slices: [shopSlice()], n1: maps });
    expect(unservedOf(cluster, 'external')).toContain('LoadBalancer: notServed sourceRanges');
    expect(unservedOf(cluster, 'pod')).not.toContain('LoadBalancer: notServed sourceRanges');
  });
});
