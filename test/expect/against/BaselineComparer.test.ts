import { describe, expect, it } from 'vitest';
import { type Fact, isKnown, known, missing } from '../../../src/model/Fact.ts';
import type { EndpointSlice, Service } from '../../../src/model/kubernetes.ts';
import type { ClusterFacts } from '../../../src/model/Snapshot.ts';
import type { SampleName } from '../../support/lbSamples.ts';
import { sampleSnapshot } from '../../support/sampleSnapshot.ts';
import { lossesOf, beforeOf, beside, compared, outcomesOf, reasonsOf, thenAt, unknownsOf } from './baselineSamples.ts';

const changed = <T>(fact: Fact<T>, change: (value: T) => T): Fact<T> =>
  isKnown(fact) ? known(change(fact.value), fact.source) : fact;

const withServices =
  (change: (services: readonly Service[]) => readonly Service[]) =>
  (facts: ClusterFacts): ClusterFacts => ({ ...facts, services: changed(facts.services, change) });

const withService = (name: string, change: (service: Service) => Service) =>
  withServices((services) => services.map((one) => (one.metadata.name === name ? change(one) : one)));

const withSlices =
  (change: (slices: readonly EndpointSlice[]) => readonly EndpointSlice[]) =>
  (facts: ClusterFacts): ClusterFacts => ({ ...facts, endpointSlices: changed(facts.endpointSlices, change) });

const replaced = <T>(value: T, from: string, to: string): T =>
  JSON.parse(JSON.stringify(value).replaceAll(from, to)) as T;

const now = () => sampleSnapshot('1.20.1');
const services = ['default/empty', 'default/httpd', 'default/httpd-local', 'default/httpd-np', 'default/kubernetes'];
const all = [...services, 'kube-system/kube-dns'];
const everything = (outcome: string): Readonly<Record<string, string>> =>
  Object.fromEntries(all.map((name) => [name, outcome]));

/** n2 without the lines of `bpf lb list` that hold such a text. */
const without = (text: string) => (list: string) => {
  if (!list.startsWith('{')) return list;
  const rows = Object.entries(JSON.parse(list) as Record<string, unknown>);
  return JSON.stringify(Object.fromEntries(rows.filter(([key]) => !key.startsWith(text))));
};

const tableOfN2 = (sample: SampleName) => {
  const table = sampleSnapshot(sample).nodes.find(({ name }) => name === 'n2')?.facts.lbTable;
  if (table === undefined || !isKnown(table)) throw new Error('n2 has a table');
  return table.value.frontends;
};

const withoutAffinity = (list: string): string => list.replaceAll('sessionAffinity, ', '');

const routable = (list: string): string => list.replaceAll('[ClusterIP, non-routable]', '[ClusterIP]');

const valueOf = (facts: ClusterFacts): readonly Service[] => (isKnown(facts.services) ? facts.services.value : []);

const withoutItsRules = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.includes('-d 10.96.147.70/32'))
    .join('\n');

const odd = (text: string): string =>
  text.replace(/(-A KUBE-SERVICES -d 10\.96\.147\.70\/32 )/, '$1-m quota --quota 5 ');

const withSocketLb = (socketLb: boolean) =>
  sampleSnapshot('1.20.1', { all: { status: { version: '1.20.1', kpr: { socketLb } } } });

const addressed =
  (...addresses: readonly string[]) =>
  (facts: ClusterFacts): ClusterFacts => ({
    ...facts,
    nodes: changed(facts.nodes, (nodes) =>
      nodes.map((node) => ({
        ...node,
        status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
      })),
    ),
  });

const renamed = (service: Service): Service => ({
  ...service,
  metadata: { ...service.metadata, name: 'gone' },
  spec: { ...service.spec, clusterIP: '10.96.0.200', clusterIPs: ['10.96.0.200'] },
});

const unhooked = (text: string): string => text.replace(/^\S+ -A (?:PREROUTING|OUTPUT) .*KUBE-SERVICES$/gm, '');

const dualStack = (): ReadonlyMap<string, string> => {
  const { ciliumConfig } = now().facts;
  return new Map([...(isKnown(ciliumConfig) ? ciliumConfig.value.byKey : []), ['enable-ipv6', 'true']]);
};

describe('nothing has changed but who serves', () => {
  it.each([
    ['iptables', ['clusterIPFromOutside', 'nodePortOnLoopback']],
    ['nftables', ['clusterIPFromOutside']],
  ] as const)('%s: the same backends for everybody, and what is meant to differ', (mode, reasons) => {
    const result = compared(beforeOf(mode), sampleSnapshot(beside[mode].sample));
    expect(result.lost).toEqual([]);
    expect(result.unknown).toEqual([]);
    expect(result.gained).toEqual([]);
    expect(outcomesOf(result)).toEqual(everything('same'));
    expect(reasonsOf(result)).toEqual(reasons);
    expect(result.nodes).toEqual({ compared: ['n1', 'n2'], added: [], removed: [], excluded: [] });
    expect(result.before).toEqual({
      file: 'before.kpr',
      takenAt: thenAt,
      modes: [mode],
      nodes: 2,
      leftovers: [],
    });
    // One of each for both nodes together.
    expect(result.intended.every(({ nodes }) => nodes.join() === 'n1,n2')).toBe(true);
  });

  it('-n: Services of one namespace', () => {
    expect(Object.keys(outcomesOf(compared(beforeOf('iptables'), now(), 'kube-system')))).toEqual([
      'kube-system/kube-dns',
    ]);
  });
});

describe('what is lost is named, with its node and for whom', () => {
  it.each([
    ['a ClusterIP', '10.96.147.70:80/TCP', ['default/httpd frontend 10.96.147.70:80/TCP pod,node n2 frontendMissing']],
    [
      'an external IP',
      '203.0.113.7:80/TCP',
      ['default/httpd-np frontend 203.0.113.7:80/TCP outside,pod,node n2 frontendMissing'],
    ],
    [
      'the outer row of a NodePort',
      '0.0.0.0:31081/TCP (',
      ['default/httpd-local frontend 0.0.0.0:31081/TCP outside n2 frontendMissing'],
    ],
    [
      'the inner row of a NodePort',
      '0.0.0.0:31081/TCP/i',
      ['default/httpd-local frontend 0.0.0.0:31081/TCP pod,node n2 frontendMissing'],
    ],
    ['a slot', '10.96.147.70:80/TCP (2)', ['default/httpd backends 10.96.147.70:80/TCP pod,node n2 damaged']],
    ['slot 0', '10.96.147.70:80/TCP (0)', ['default/httpd frontend 10.96.147.70:80/TCP pod,node n2 damaged']],
  ])('%s', (_title, text, losses) => {
    const result = compared(beforeOf('iptables'), sampleSnapshot('1.20.1', { maps: without(text) }));
    expect(lossesOf(result)).toEqual(losses);
    const [service = ''] = losses[0]?.split(' ') ?? [];
    expect(outcomesOf(result)).toEqual({ ...everything('same'), [service]: 'lost' });
  });

  it.each(['iptables', 'nftables'] as const)('%s: every frontend that kube-proxy served, whichever goes', (mode) => {
    const { sample } = beside[mode];
    const keys = [...tableOfN2(sample).keys()].filter((key) => !key.endsWith(':0/ANY'));
    expect(keys.length).toBeGreaterThan(10);
    for (const key of keys) {
      const after = sampleSnapshot(sample, { maps: without(`${key} (`) });
      const [loss, ...more] = lossesOf(compared(beforeOf(mode), after));
      expect(`${key}: ${loss ?? 'nothing'}`).toContain(` ${key.replace(/\/i$/, '')} `);
      expect(more).toEqual([]);
    }
  });

  it('a property on which it depends whom a client reaches, and none of the others', () => {
    const lost = lossesOf(compared(beforeOf('iptables'), sampleSnapshot('1.20.1', { maps: withoutAffinity })));
    expect(lost).toContain('default/httpd-local properties 10.96.90.25:80/TCP pod,node n2 wrongProperties');
    expect(lost.every((line) => line.startsWith('default/httpd-local properties '))).toBe(true);
    expect(lossesOf(compared(beforeOf('iptables'), sampleSnapshot('1.20.1', { maps: routable })))).toEqual([]);
  });

  it('what the maps hold beyond what kube-proxy served is not the matter here', () => {
    const withoutHttpd = withServices((list) => list.filter(({ metadata }) => metadata.name !== 'httpd'));
    const result = compared(
      beforeOf('iptables', { facts: withoutHttpd }),
      sampleSnapshot('1.20.1', { maps: without('10.96.147.70:80/TCP (') }),
    );
    expect(result.lost).toEqual([]);
    expect(result.services.added).toEqual(['default/httpd']);
  });

  it('a row whose agent started just now is not known, and not lost', () => {
    const after = sampleSnapshot('1.20.1', {
      maps: without('10.96.147.70:80/TCP ('),
      n2: { agent: { startedAt: '2026-11-21T09:59:30Z' } },
    });
    const result = compared(beforeOf('iptables'), after);
    expect(result.lost).toEqual([]);
    expect(unknownsOf(result)).toEqual([expect.stringContaining('n2: default/httpd: 10.96.147.70:80/TCP is settling')]);
    expect(outcomesOf(result)['default/httpd']).toBe('unknown');
  });
});

describe('what kube-proxy did against what eBPF is meant to do', () => {
  const dnat = 'DNAT --to-destination 10.244.1.218:8080';
  // One backend of default/httpd-np only that the API of then does not know.
  const elsewhere = (text: string): string =>
    text.replace(
      `"default/httpd-np:http" -m tcp -j ${dnat}`,
      `"default/httpd-np:http" -m tcp -j ${dnat.replace('218', '77')}`,
    );

  it('other backends, for no reason that is known', () => {
    const result = compared(beforeOf('iptables', { n2Rules: elsewhere }), now());
    expect(lossesOf(result)).toEqual([
      'default/httpd-np backends 0.0.0.0:31080/TCP outside,pod,node n2',
      'default/httpd-np backends 10.96.211.172:80/TCP pod,node n2',
      'default/httpd-np backends 203.0.113.7:80/TCP outside,pod,node n2',
    ]);
    expect(result.lost[0]).toMatchObject({
      expected: ['10.244.0.221:8080/TCP', '10.244.1.129:8080/TCP', '10.244.1.77:8080/TCP'],
      found: ['10.244.0.221:8080/TCP', '10.244.1.129:8080/TCP', '10.244.1.218:8080/TCP'],
      severity: 'error',
      difference: undefined,
    });
  });

  it('… is not known where its endpoints had changed seconds before', () => {
    const result = compared(beforeOf('iptables', { n2Rules: elsewhere, takenAt: '2026-11-21T08:34:20Z' }), now());
    expect(result.lost).toEqual([]);
    expect(unknownsOf(result)).toEqual([
      expect.stringContaining('n2: default/httpd-np: its endpoints changed just before'),
    ]);
  });

  it('… and where kube-proxy was gone already', () => {
    const result = compared(beforeOf('iptables', { n2Rules: elsewhere, kept: false }), now());
    expect(result.lost).toEqual([]);
    expect(unknownsOf(result)).toEqual([expect.stringContaining('n2: default/httpd-np: kube-proxy was gone')]);
    expect(result.before.leftovers).toEqual(['n1', 'n2']);
  });

  it('… and is as it was, where the API had been behind and eBPF does the same by now', () => {
    const facts = withSlices((slices) => replaced(slices, '10.244.1.218', '10.244.1.66'));
    const result = compared(beforeOf('iptables', { facts }), now());
    expect(result.lost).toEqual([]);
    expect(outcomesOf(result)['default/httpd-np']).toBe('endpoints');
  });

  it('another stickiness', () => {
    const result = compared(
      beforeOf('iptables', { rules: (text) => text.replaceAll('--seconds 10800 ', '--seconds 60 ') }),
      now(),
    );
    expect(lossesOf(result)).toEqual([
      'default/httpd-local affinity 0.0.0.0:31081/TCP outside,pod,node n1,n2',
      'default/httpd-local affinity 10.96.90.25:80/TCP outside,pod,node n1,n2',
    ]);
    expect(result.lost[0]).toMatchObject({ expected: ['60'], found: ['10800'] });
  });

  it('a frontend that kube-proxy had and nobody asks of Cilium: annotated, it is meant to be', () => {
    const facts = withService('httpd', (service) => ({
      ...service,
      metadata: { ...service.metadata, annotations: { 'service.cilium.io/node': 'n9' } },
    }));
    // Such rows are gone from the maps as well.
    const after = sampleSnapshot('1.20.1', {
      objects: (objects) => ({ ...objects, services: valueOf(facts(now().facts)) }),
    });
    const result = compared(beforeOf('iptables', { facts }), after);
    expect(reasonsOf(result)).toContain('annotatedNodes');
    expect(result.lost).toEqual([]);
  });

  it('a Service that kube-proxy had not got is gained, and nothing is lost', () => {
    const result = compared(beforeOf('iptables', { rules: withoutItsRules }), now());
    expect(result.gained).toEqual([
      {
        service: 'default/httpd',
        frontend: '10.96.147.70:80/TCP',
        from: ['outside', 'pod', 'node'],
        now: expect.arrayContaining(['10.244.1.218:8080/TCP']),
        nodes: ['n1', 'n2'],
      },
    ]);
    expect(Object.keys(outcomesOf(result))).not.toContain('default/httpd');
    expect(result.lost).toEqual([]);
  });

  it('rules that were not understood leave the node unproven', () => {
    const result = compared(beforeOf('iptables', { n2Rules: odd }), now());
    expect(result.lost).toEqual([]);
    expect(unknownsOf(result)).toEqual([expect.stringContaining('n2: 1 of kube-proxy’s rules were not understood')]);
  });
});

describe('NodePorts', () => {
  it('on the loopback: the socket load balancer goes on, without it nobody does', () => {
    const on = compared(beforeOf('iptables'), withSocketLb(true));
    expect(on.lost).toEqual([]);
    expect(reasonsOf(on)).toContain('nodePortOnLoopback');
    const off = compared(beforeOf('iptables'), withSocketLb(false));
    expect(lossesOf(off)).toEqual([
      'default/httpd-local loopback 127.0.0.1:31081/TCP node n1,n2',
      'default/httpd-np loopback 127.0.0.1:31080/TCP node n1,n2',
    ]);
    expect(off.lost.every(({ severity }) => severity === 'warning')).toBe(true);
    // It is no failure of the Service: few clients use it, and nftables mode has not got it either.
    expect(outcomesOf(off)).toEqual(everything('same'));
    expect(lossesOf(compared(beforeOf('nftables'), withSocketLb(false)))).toEqual([]);
  });

  const served = '172.30.0.12';

  it.each([
    ['served', [served], []],
    ['not served', [served, '172.30.0.99'], ['172.30.0.99']],
  ])('at an internal address of the node that is %s', (_title, addresses, lost) => {
    const change = addressed(...addresses);
    const after = sampleSnapshot('1.20.1', { all: { interfaces: missing('timeout', 'no answer') } });
    const result = compared(beforeOf('iptables', { facts: change }), { ...after, facts: change(after.facts) });
    const ofN2 = result.lost.filter(({ nodes }) => nodes.includes('n2'));
    expect([...new Set(ofN2.map(({ frontend }) => frontend.split(':')[0]))]).toEqual(lost);
  });

  it('at an address that the node has no more, or that is on none of its links', () => {
    const then = addressed('172.30.0.99');
    const after = now();
    expect(compared(beforeOf('iptables', { facts: then }), after).lost).toEqual([]);
    const translated = sampleSnapshot('1.20.1', {
      all: { interfaces: [{ name: 'eth0', up: true, addresses: ['172.30.0.12/24'] }] },
    });
    const result = compared(beforeOf('iptables', { facts: then }), { ...translated, facts: then(translated.facts) });
    expect(result.lost).toEqual([]);
  });

  it('which addresses serve them was not read', () => {
    const after = sampleSnapshot('1.20.1', { n2: { nodeAddresses: missing('timeout', 'no answer') } });
    expect(unknownsOf(compared(beforeOf('iptables'), after))).toEqual([
      'n2: at which addresses the node serves NodePorts was not read',
    ]);
  });
});

describe('what changed meanwhile', () => {
  it('endpoints at new addresses: kube-proxy had those of then, eBPF has those of now', () => {
    const result = compared(
      beforeOf('iptables', {
        facts: withSlices((slices) => replaced(slices, '10.244.', '10.200.')),
        rules: (text) => text.replaceAll('10.244.', '10.200.'),
      }),
      now(),
    );
    expect(result.lost).toEqual([]);
    expect(result.unknown).toEqual([]);
    expect(outcomesOf(result)).toEqual({
      ...everything('endpoints'),
      'default/empty': 'same',
      'default/kubernetes': 'same',
    });
    expect(result.services.compared.find(({ service }) => service === 'default/httpd')).toEqual({
      service: 'default/httpd',
      outcome: 'endpoints',
      changed: ['endpoints'],
      backends: { before: 3, now: 3 },
    });
  });

  it('a Service that the user changed, and its old address that is not served any more', () => {
    const result = compared(
      beforeOf('iptables', {
        facts: (facts) => replaced(facts, '203.0.113.7', '203.0.113.99'),
        rules: (text) => text.replaceAll('203.0.113.7', '203.0.113.99'),
      }),
      now(),
    );
    expect(result.lost).toEqual([]);
    expect(outcomesOf(result)).toEqual({ ...everything('same'), 'default/httpd-np': 'service' });
    expect(result.services.compared.find(({ service }) => service === 'default/httpd-np')?.changed).toEqual([
      'externalIPs',
    ]);
  });

  it('Services and nodes of one reading only are listed', () => {
    const facts = withServices((list) =>
      list.flatMap((one) =>
        one.metadata.name === 'httpd-np' ? [] : one.metadata.name === 'empty' ? [one, renamed(one)] : [one],
      ),
    );
    const before = beforeOf('iptables', { facts });
    const [n1] = before.nodes;
    if (n1 === undefined) throw new Error('there is n1');
    const result = compared({ ...before, nodes: [n1, { ...n1, name: 'n7' }] }, now());
    expect(result.services.added).toEqual(['default/httpd-np']);
    expect(result.services.removed).toEqual(['default/gone']);
    expect(result.nodes).toEqual({ compared: ['n1'], added: ['n2'], removed: ['n7'], excluded: [] });
    expect(result.lost).toEqual([]);
  });

  it('headless Services and names of other places are none of it', () => {
    const facts = withServices((list) => [
      ...list,
      { metadata: { namespace: 'default', name: 'headless' }, spec: { clusterIP: 'None' } },
      { metadata: { namespace: 'default', name: 'far' }, spec: { type: 'ExternalName' } },
    ]);
    expect(compared(beforeOf('iptables', { facts }), now()).services.removed).toEqual([]);
  });
});

describe('what could not be compared is not known', () => {
  it('kube-proxy’s rules of a node were not read', () => {
    const result = compared(
      beforeOf('iptables', { n2: { table: missing('timeout', 'no answer within 10 s') } }),
      now(),
    );
    expect(result.nodes.compared).toEqual(['n1']);
    expect(unknownsOf(result)).toEqual(['n2: kube-proxy’s rules in the baseline: no answer within 10 s']);
    expect(outcomesOf(result)).toEqual(everything('same'));
  });

  it('nothing leads to them', () => {
    const result = compared(beforeOf('iptables', { n2Rules: unhooked }), now());
    expect(unknownsOf(result)).toEqual(['n2: kube-proxy was not in effect there any more: nothing led to its rules']);
  });

  it('the maps of a node were not read', () => {
    const after = sampleSnapshot('1.20.1', { n2: { lbTable: missing('unreachable', 'no such pod') } });
    expect(unknownsOf(compared(beforeOf('iptables'), after))).toEqual(['n2: no such pod']);
  });

  it('a node that is left out by --node, or has no agent by intention, is not missed', () => {
    const selected = sampleSnapshot('1.20.1', { n2: { coverage: { kind: 'notSelected' } } });
    expect(compared(beforeOf('iptables'), selected)).toMatchObject({
      unknown: [],
      nodes: { compared: ['n1'], removed: [], excluded: [] },
    });
    const excluded = sampleSnapshot('1.20.1', { n2: { coverage: { kind: 'excluded', why: 'a Windows node' } } });
    expect(compared(beforeOf('iptables'), excluded)).toMatchObject({ unknown: [], nodes: { excluded: ['n2'] } });
  });

  it('the Services of now', () => {
    const after = now();
    const facts = { ...after.facts, services: missing('forbidden', 'you may not list services') };
    const result = compared(beforeOf('iptables'), { ...after, facts });
    expect(unknownsOf(result)).toEqual(['you may not list services']);
    expect(result.services.compared).toEqual([]);
  });

  it('a family that kube-proxy had no rules of', () => {
    const facts = withService('httpd', (service) => ({
      ...service,
      spec: { ...service.spec, clusterIPs: ['10.96.147.70', 'fd00:10:96::70'], ipFamilies: ['IPv4', 'IPv6'] },
    }));
    const after = sampleSnapshot('1.20.1', { all: { startedConfig: dualStack() } });
    const result = compared(beforeOf('iptables', { facts }), after);
    expect(unknownsOf(result)).toContain('n1: default/httpd: kube-proxy’s rules for IPv6 were not there to be read');
  });
});
