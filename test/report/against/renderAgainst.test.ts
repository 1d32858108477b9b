import { describe, expect, it } from 'vitest';
import type { BaselineComparison } from '../../../src/expect/against/BaselineComparison.ts';
import { differenceCodes } from '../../../checks/tables/differenceWords.ts';
import { buildAgainst } from '../../../src/report/against/buildAgainst.ts';
import { renderTable } from '../../../src/report/renderTable.ts';
import { healthy } from '../documents.ts';
import { schemaErrors } from '../schema.ts';
import { aFrontendKey } from '../../support/keys.ts';

const plain = (text: string): string => text;
const style = {
  width: 80,
  unicode: true,
  paint: { error: plain, warning: plain, info: plain, ok: plain, unknown: plain, dim: plain, bold: plain },
  now: 0,
} as const;

const outcome = (
  service: string,
  outcome: 'same' | 'endpoints' | 'service' | 'lost' | 'unknown',
  changed: string[] = [],
) => ({
  service,
  outcome,
  changed,
  backends: { before: 3, now: changed.includes('endpoints') ? 2 : 3 },
});

const clean: BaselineComparison = {
  before: { file: 'before.kpr', takenAt: '2026-11-20T14:03:22.581Z', modes: ['iptables'], nodes: 2, leftovers: [] },
  nodes: { compared: ['n1', 'n2'], added: [], removed: [], excluded: [] },
  services: { compared: [outcome('shop/cart', 'same'), outcome('shop/web', 'same')], added: [], removed: [] },
  lost: [],
  intended: [],
  gained: [],
  unknown: [],
};

const loss = {
  service: 'shop/cart',
  frontend: aFrontendKey('10.96.0.9:80/TCP'),
  what: 'backends',
  from: ['pod', 'node'],
  nodes: ['n2'],
  expected: ['10.1.1.1:8080/TCP', '10.1.2.1:8080/TCP'],
  found: ['10.1.1.1:8080/TCP'],
  difference: 'backendsMissing',
  severity: 'error',
} as const;

const everything: BaselineComparison = {
  before: { ...clean.before, modes: ['iptables', 'nftables'], leftovers: ['n2'] },
  nodes: { compared: ['n1', 'n2'], added: ['n4'], removed: ['n9'], excluded: ['n5'] },
  services: {
    compared: [
      outcome('shop/cart', 'lost'),
      outcome('shop/web', 'endpoints', ['endpoints']),
      outcome('shop/api', 'service', ['ports', 'endpoints']),
      outcome('shop/odd', 'unknown'),
    ],
    added: ['shop/new'],
    removed: ['shop/old'],
  },
  lost: [
    loss,
    { ...loss, frontend: aFrontendKey('203.0.113.7:80/TCP') },
    {
      ...loss,
      service: 'shop/web',
      frontend: aFrontendKey('127.0.0.1:31080/TCP'),
      what: 'loopback',
      from: ['node'],
      nodes: ['n1', 'n2'],
      found: [],
      difference: undefined,
      severity: 'warning',
    },
  ],
  intended: [
    {
      service: 'shop/cart',
      frontend: aFrontendKey('10.96.0.9:80/TCP'),
      reasons: ['clusterIPFromOutside'],
      from: ['outside'],
      before: ['10.1.1.1:8080/TCP'],
      now: [],
      nodes: ['n1', 'n2'],
    },
    {
      service: 'shop/web',
      frontend: aFrontendKey('10.96.0.10:80/TCP'),
      reasons: ['firstAddressOnly'],
      from: ['pod', 'node'],
      before: ['10.1.1.1:8080/TCP'],
      now: ['10.1.1.1:8080/TCP', '10.1.1.2:8080/TCP'],
      nodes: ['n1'],
    },
  ],
  gained: [
    {
      service: 'shop/api',
      frontend: aFrontendKey('10.96.0.11:80/TCP'),
      from: ['outside', 'pod', 'node'],
      now: [],
      nodes: ['n1'],
    },
  ],
  unknown: [
    {
      node: 'n3',
      service: undefined,
      reason: 'timeout',
      detail: 'kube-proxy’s rules in the baseline: no answer within 10 s',
    },
    { node: 'n1', service: 'shop/odd', reason: 'notCollected', detail: '10.96.0.12:80/TCP is settling: it changed' },
  ],
};

const document = (against: BaselineComparison) => ({
  ...healthy,
  command: 'verify',
  against: buildAgainst(against, differenceCodes),
});
const pageOf = (
  against: BaselineComparison,
  detail: 'normal' | 'quiet' | 'verbose' = 'normal',
  isWide = false,
): string => {
  const text = renderTable(document(against), { ...style, width: isWide ? undefined : 80, detail });
  const [, own = ''] = /^(Against [^]*?)\n(?:\n|exit )/m.exec(text) ?? [];
  return own;
};

describe('for people', () => {
  it('nothing is lost: one line', () => {
    expect(pageOf(clean, 'normal', true)).toBe(
      'Against before.kpr (2026-11-20 14:03 UTC, kube-proxy iptables, 2 nodes): 2 of 2 Services reach the same backends',
    );
  });

  it('no Service was there at both times', () => {
    const against = { ...clean, services: { compared: [], added: ['shop/new'], removed: [] } };
    expect(pageOf(against, 'normal', true).split('\n')[0]).toContain('no Service was there at both times');
  });

  it('all that there may be', () => {
    expect(`\n${pageOf(everything)}\n`).toMatchInlineSnapshot(`
      "
      Against before.kpr (2026-11-20 14:03 UTC, kube-proxy iptables and nftables, 2 of
      3 nodes): 2 of 4 Services reach the same backends (1 with their present
      endpoints, 1 as the Service asks now); 1 does not; 1 not known; 2 intended
      differences
      ✖ shop/cart does not reach the same backends: 10.96.0.9:80/TCP,
        203.0.113.7:80/TCP
        from pods and from the node, on n2, see KPR4002
        expected  10.1.1.1:8080/TCP, 10.1.2.1:8080/TCP
        found     10.1.1.1:8080/TCP
        kubectl kpr trace svc/cart -n shop --node n2
      ⚠ shop/web does not answer on the loopback any more: socket load balancing is
        off: 127.0.0.1:31080/TCP
        from the node, on n1 and n2
        expected  10.1.1.1:8080/TCP, 10.1.2.1:8080/TCP
        found     (nothing)
        kubectl kpr trace svc/web -n shop
      ? n3 not compared: kube-proxy’s rules in the baseline: no answer within 10 s
      ? shop/odd on n1 not compared: 10.96.0.12:80/TCP is settling: it changed
      ℹ ClusterIPs for clients from outside: shop/cart on n1 and n2
        Machines with a route to the service network lose it.
      ℹ Endpoints with several addresses: shop/web on n1
        Cilium: Uses all of them.
      ○ changed in the API since: shop/api (ports, endpoints)
      ○ other endpoints since: shop/web (3, now 2)
      ○ not served by kube-proxy, but now: shop/api 10.96.0.11:80/TCP
      ○ new Services: shop/new
      ○ Services that are gone: shop/old
      ○ new nodes: n4
      ○ nodes that are gone: n9
      ○ nodes without an agent now: n5
      ○ kube-proxy was gone then already from: n2
      "
    `);
  });

  it('quiet: what is lost', () => {
    const lines = pageOf(everything, 'quiet', true).split('\n');
    expect(lines[0]).toMatch(/^Against before\.kpr .*: 2 of 4 Services reach the same backends/);
    expect(lines.filter((line) => /^[✖⚠]/.test(line))).toHaveLength(2);
    expect(lines.filter((line) => /^[ℹ○?]/.test(line))).toEqual([]);
  });

  it('verbose: each place of an intended difference', () => {
    expect(pageOf(everything, 'verbose', undefined)).toContain(
      'shop/web 10.96.0.10:80/TCP from pods and from the node on n1: 10.1.1.1:8080/TCP / 10.1.1.1:8080/TCP, 10.1.1.2:8080/TCP',
    );
  });

  it('the last line says it, too', () => {
    const last = renderTable(
      { ...document(everything), verdict: 'fail', exitCode: 1 },
      { ...style, width: undefined, detail: 'normal' },
    );
    expect(last).toMatch(/exit 1: 2 Services \(shop\/cart and shop\/web\) not served as before\n$/);
    const unknown = renderTable(
      { ...document({ ...clean, unknown: everything.unknown }), verdict: 'unknown', exitCode: 3 },
      { ...style, width: undefined, detail: 'normal' },
    );
    expect(unknown).toMatch(
      /exit 3: nothing wrong was found, but the comparison with before could not be judged everywhere; 2 of 2 Services reach the same backends as before\n$/,
    );
  });
});

describe('for programs', () => {
  it.each([clean, everything])('as the schema says', (against) => {
    expect(schemaErrors(JSON.parse(JSON.stringify(document(against))))).toEqual([]);
  });

  it('each reason once, with what it means', () => {
    const { reasons, services, lost } = buildAgainst(everything, differenceCodes);
    expect(reasons.map(({ name }) => name)).toEqual(['clusterIPFromOutside', 'firstAddressOnly']);
    expect(reasons[1]).toMatchObject({ cilium: 'Uses all of them.', consequence: null });
    expect(services).toMatchObject({ total: 4, counts: { same: 0, endpoints: 1, service: 1, lost: 1, unknown: 1 } });
    expect(lost.map(({ code }) => code)).toEqual(['KPR4002', 'KPR4002', null]);
  });
});
