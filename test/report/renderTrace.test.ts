import { Chalk } from 'chalk';
import { describe, expect, test } from 'vitest';
import { Derivations } from '../../src/core/Derivations.ts';
import type { NodeTrace } from '../../src/expect/trace/FrontendTrace.ts';
import type { TraceRequest } from '../../src/expect/trace/traceContext.ts';
import { tracePath } from '../../src/expect/trace/tracePath.ts';
import { type TraceSource, traceSources } from '../../src/expect/trace/traceWay.ts';
import type { Connections, TriedConnection } from '../../src/model/Connections.ts';
import { missing, valueOf } from '../../src/model/Fact.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { differenceCodes, differenceText } from '../../checks/tables/differenceWords.ts';
import { buildTrace } from '../../src/report/buildTrace.ts';
import { renderJson } from '../../src/report/renderJson.ts';
import { renderTrace } from '../../src/report/renderTrace.ts';
import type { View } from '../../src/report/View.ts';
import type { TraceDocument } from '../../src/report/TraceDocument.ts';
import { aMissing } from '../support/aSnapshot.ts';
import { sampleSnapshot, withEndpoints } from '../support/sampleSnapshot.ts';
import { traceSchemaErrors } from './schema.ts';

const chalk = new Chalk({ level: 0 });
const plain: View = {
  width: undefined,
  unicode: true,
  detail: 'normal',
  now: Date.parse('2026-11-28T12:00:00Z'),
  paint: {
    error: chalk.red,
    warning: chalk.red,
    info: chalk.red,
    ok: chalk.red,
    unknown: chalk.red,
    dim: chalk.dim,
    bold: chalk.bold,
  },
};

const serviceIn = (snapshot: Snapshot, name: string): Service => {
  const found = valueOf(snapshot.facts.services)?.find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`no Service ${name}`);
  return found;
};

const words = { codes: differenceCodes, textOf: differenceText };

function document(
  snapshot: Snapshot,
  name: string,
  source: TraceSource = 'pod',
  change: (one: NodeTrace) => NodeTrace = (same) => same,
): TraceDocument {
  const request: TraceRequest = { service: serviceIn(snapshot, name), source, port: undefined };
  const derivations = new Derivations(snapshot);
  const traces = snapshot.nodes.map((node) => change(tracePath(derivations, node, request)));
  return buildTrace(traces, snapshot, request, { toolVersion: '0.1.0', durationMs: 400, interrupted: false, words });
}

const healthy = sampleSnapshot('1.20.1');
const stale = sampleSnapshot('1.20.1', { objects: withEndpoints('httpd', (address) => address === '10.244.0.221') });
const hung = sampleSnapshot('1.20.1', {
  n2: { status: aMissing('timeout', 'no answer within 10 s'), lbTable: aMissing('timeout', 'no answer within 10 s') },
});
const dsr = sampleSnapshot('1.19.6-dsr-maglev');

describe('golden answers', () => {
  const answers = {
    'trace-local-pod': document(healthy, 'httpd-local'),
    'trace-dsr-external': document(dsr, 'httpd-np', 'external'),
    'trace-stale': document(stale, 'httpd'),
    'trace-hung': document(hung, 'httpd'),
    'trace-empty': document(healthy, 'empty'),
  };
  const styles = {
    '80': { width: 80 },
    pipe: {},
    'ascii-40': { width: 40, unicode: false },
    verbose: { detail: 'verbose' },
    quiet: { detail: 'quiet' },
  } as const;
  const cases = Object.entries(answers).flatMap(([name, answer]) =>
    Object.entries(styles).map(([style, options]) => [name, style, answer, options] as const),
  );
  test.each(cases)('%s, %s', async (name, style, answer, options) => {
    await expect(renderTrace(answer, { ...plain, ...options })).toMatchFileSnapshot(`golden/${name}.${style}.golden`);
  });

  test.each(Object.entries(answers))('%s holds to 80 columns', (_, answer) => {
    for (const line of renderTrace(answer, { ...plain, width: 80 }).split('\n'))
      expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('the published schema', () => {
  const cases = [healthy, stale, hung, dsr].flatMap((snapshot, i) =>
    traceSources.flatMap((source) =>
      ['httpd', 'httpd-np', 'empty'].map((name) => [i, name, source, snapshot] as const),
    ),
  );
  test.each(cases)('holds: %i %s from %s', (_, name, source, snapshot) => {
    expect(traceSchemaErrors(JSON.parse(renderJson(document(snapshot, name, source))))).toEqual([]);
  });

  test('refuses what is not published', () => {
    expect(traceSchemaErrors({ ...document(healthy, 'httpd'), secret: 1 })).not.toEqual([]);
    expect(traceSchemaErrors({ ...document(healthy, 'httpd'), verdict: 'ok' })).not.toEqual([]);
  });
});

describe('what is promised to people', () => {
  test('equal answers of nodes are one, with the rows of all', () => {
    const { paths, verdict, exitCode } = document(healthy, 'httpd-np');
    expect(paths).toMatchObject([{ nodes: ['n1', 'n2'], verdict: 'pass' }]);
    expect(paths[0]?.frontends[1]?.rows).toEqual([
      '0.0.0.0:31080/TCP',
      '172.30.0.11:31080/TCP',
      '172.30.0.12:31080/TCP',
    ]);
    expect({ verdict, exitCode }).toEqual({ verdict: 'pass', exitCode: 0 });
    expect(document(healthy, 'httpd-local', 'external').paths.map(({ nodes }) => nodes)).toEqual([['n1'], ['n2']]);
  });

  test.each([
    ['a difference', stale, 'fail', 1],
    ['something unknown', hung, 'unknown', 3],
    ['nothing of either', healthy, 'pass', 0],
  ] as const)('%s', (_, snapshot, verdict, exitCode) => {
    expect(document(snapshot, 'httpd')).toMatchObject({ verdict, exitCode });
  });

  const balanced = (status: NonNullable<Service['status']>, nodePort = 31_080): TraceDocument => {
    const service = { spec: { type: 'LoadBalancer', ports: [{ port: 80, nodePort }] }, status };
    const of = { ...serviceIn(healthy, 'httpd'), ...service };
    const services = { ...healthy.facts.services, value: [of] };
    return document({ ...healthy, facts: { ...healthy.facts, services } }, 'httpd');
  };
  test.each([
    ['pending', balanced({}), 'LoadBalancer: no address yet (<pending>); kubectl kpr doctor --check'],
    ['without node ports', balanced({}, 0), '; from outside it has no NodePort either'],
    [
      'a name',
      balanced({ loadBalancer: { ingress: [{}] } }),
      'LoadBalancer: it was given a name in place of an address',
    ],
    [
      'refused',
      balanced({ conditions: [{ type: 'cilium.io/IPAMRequestSatisfied', status: 'False', message: 'no pool fits' }] }),
      'LoadBalancer: no address, because Cilium’s LB-IPAM has none: no pool fits; from outside its NodePorts are what is left',
    ],
  ])('a load balancer’s address that is not there is said: %s', (_, of, said) => {
    expect(shown(of)).toContain(said);
    expect(traceSchemaErrors(structuredClone(of))).toEqual([]);
  });

  test('one that is there, or that nobody asks for, is nothing to speak of', () => {
    expect(balanced({ loadBalancer: { ingress: [{ ip: '198.51.100.9' }] } }).noBalancer).toBeNull();
    expect(document(healthy, 'httpd-np').noBalancer).toBeNull();
  });

  test('a difference is certain, so it outweighs what is unknown', () => {
    const answer = document(stale, 'httpd', 'pod', (one) =>
      one.node === 'n1' ? { ...one, frontends: [], unknown: aMissing('timeout') } : one,
    );
    expect(answer).toMatchObject({ verdict: 'fail', exitCode: 1 });
  });

  test('nobody examined is no pass', () => {
    expect(document({ ...healthy, nodes: [] }, 'httpd')).toMatchObject({ verdict: 'unknown', exitCode: 3 });
  });

  test('the verdict of each frontend is one line, and so is the end', () => {
    const text = renderTrace(document(stale, 'httpd'), { ...plain, detail: 'quiet' });
    expect(text.trimEnd().split('\n')).toEqual([
      'From a pod on n1 and n2',
      expect.stringMatching(
        /^✖ ClusterIP 10\.96\.147\.70:80\/TCP http {2}KPR4003: 2 of 3 new connections go to /,
      ) as unknown,
      '',
      'exit 1: default/httpd is not served as the API requires on n1 and n2. kubectl kpr explain KPR4003; kubectl kpr doctor names the cause',
    ]);
  });

  test('Ctrl-C hides nothing that is wrong', () => {
    const cut = { ...document(stale, 'httpd'), verdict: 'interrupted', exitCode: 130 } as const;
    expect(shown(cut)).toContain(
      'INTERRUPTED: default/httpd is not served as the API requires on n1 and n2; the rest is',
    );
    const calm = { ...document(healthy, 'httpd'), verdict: 'interrupted', exitCode: 130 } as const;
    expect(shown(calm)).toContain('INTERRUPTED: default/httpd: interrupted, so that not everything is known');
  });

  test('text of the cluster never reaches the terminal as it is', () => {
    const service = serviceIn(healthy, 'httpd');
    const hostile = document(healthy, 'httpd', 'pod', (one) => ({
      ...one,
      none: 'a\u001b[2Jb\nc',
      unknown: aMissing('timeout', '\u202e'),
    }));
    const text = renderTrace(
      { ...hostile, service: { namespace: '\u001b]0;', name: service.metadata.name, type: 'x' } },
      plain,
    );
    for (const char of ['\u001b', '\u202e']) expect(text + renderJson(hostile)).not.toContain(char);
  });
});

const shown = (of: TraceDocument): string => renderTrace(of, plain);

describe('with real connections', () => {
  const frontend = { address: '10.96.147.70', port: 80, protocol: 'TCP' } as const;
  const backend = { address: '10.244.1.92', port: 80, protocol: 'TCP' } as const;
  const tried = (node: string, outcome: 'open' | 'timeout', directly: 'open' | 'timeout'): TriedConnection => ({
    origin: { kind: 'node', node },
    target: {
      place: frontend,
      type: 'ClusterIP',
      owner: { kind: 'Service', namespace: 'default', name: 'httpd' },
      atNode: undefined,
      backends: [{ place: backend, node: 'n2' }],
    },
    ends: [
      { outcome: 'open', ms: 1, detail: '' },
      { outcome, ms: outcome === 'open' ? 1 : 2000, detail: '' },
    ],
    directly: outcome === 'open' ? [] : [{ place: backend, node: 'n2', end: { outcome: directly, ms: 1, detail: '' } }],
  });
  const answeredOn = (onN2: TriedConnection, unable: Connections['unable'] = []): TraceDocument =>
    document(
      {
        ...healthy,
        connections: { tried: [tried('n1', 'open', 'open'), onN2], unable, pairs: 2, planned: 2, ratePerSecond: 50 },
      },
      'httpd',
    );

  test('what is answered is said, and nodes that say the same are one path', () => {
    const well = answeredOn(tried('n2', 'open', 'open'));
    expect(well).toMatchObject({ verdict: 'pass', paths: [{ nodes: ['n1', 'n2'] }], connections: { pairs: 2 } });
    expect(shown(well)).toContain('answers all of 2 connections from the node itself');
    expect(shown(well)).toContain('exit 0: default/httpd: as the API requires, and answered, on 2 of 2 nodes');
    expect(traceSchemaErrors(structuredClone(well))).toEqual([]);
  });

  test('what is lost where the address is translated is a fault of that node alone', () => {
    const lost = answeredOn(tried('n2', 'timeout', 'open'));
    expect(lost).toMatchObject({ verdict: 'fail', exitCode: 1 });
    expect(lost.paths.map(({ nodes, verdict }) => [nodes, verdict])).toEqual([
      [['n2'], 'fail'],
      [['n1'], 'pass'],
    ]);
    expect(shown(lost)).toContain('1 of 2 connections from the node itself: the backends answer directly');
    expect(shown(lost)).toContain('connections are lost all the same on n2. kubectl kpr explain KPR4010');
    expect(traceSchemaErrors(structuredClone(lost))).toEqual([]);
  });

  test('where the backends do not answer either, a policy may forbid it: that is not known', () => {
    const lost = answeredOn(tried('n2', 'timeout', 'timeout'));
    expect(lost).toMatchObject({ verdict: 'unknown', exitCode: 3 });
    expect(shown(lost)).toContain('10.244.1.92:80 directly neither');
    expect(shown(lost)).toContain('exit 3: default/httpd: nothing differs, and not everything is answered on n2');
  });

  test('from where nothing could be tried, nothing is known', () => {
    const why = missing('forbidden', 'you may not exec');
    const connections = {
      tried: [tried('n1', 'open', 'open')],
      unable: [{ origin: { kind: 'node', node: 'n2' } as const, why }],
      pairs: 2,
      planned: 2,
      ratePerSecond: 50,
    };
    const half = document({ ...healthy, connections }, 'httpd');
    expect(half).toMatchObject({ verdict: 'unknown', paths: [{ verdict: 'unknown' }, { verdict: 'pass' }] });
    expect(shown(half)).toContain('no connection was opened from there: you may not exec');
    const nothing = document(
      { ...healthy, connections: { tried: [], unable: [], pairs: 0, planned: 0, ratePerSecond: 50 } },
      'httpd',
    );
    expect(nothing).toMatchObject({ verdict: 'unknown' });
  });
});
