import { describe, expect, it } from 'vitest';
import { type Fact, isKnown, known, missing } from '../../../src/model/Fact.ts';
import type { ProxyTable } from '../../../src/model/lb/ProxyTable.ts';
import type { RawAnswer, RawNode } from '../../../src/model/raw.ts';
import { lazyProxyTable } from '../../../src/parse/kubeproxy/lazyProxyTable.ts';
import { readNodeFacts } from '../../../src/parse/readNodeFacts.ts';
import { iptablesRows, nftRows, proxyText } from '../../support/proxyRecordings.ts';

const said = (text: string): RawAnswer => ({ text, stderr: '', exitCode: 0, command: 'the command' });
const tableOf = (answers: RawNode['answers'], kubeProxyPod?: string): Fact<ProxyTable> =>
  readNodeFacts({ name: 'n1', answers }, { kubeProxyPod }).proxyTable;

const iptables = proxyText('shop/n1/iptables-save.txt');
const ip6tables = proxyText('shop/n1/ip6tables-save.txt');
const nft = proxyText('shop/n1/nft.json');
/** Rules that nothing leads to any more: what a change of the backend leaves, once the jumps are gone. */
const unhooked = iptables.replaceAll(/^.*-A (?:PREROUTING|OUTPUT) .*-j KUBE-SERVICES\n/gm, '');
const agents = { iptablesNft: said(''), ip6tablesNft: said(''), iptablesLegacy: said(''), ip6tablesLegacy: said('') };

const expectRows = (fact: Fact<ProxyTable>, expected: ProxyTable): void => {
  expect(isKnown(fact) ? { mode: fact.value.mode, rows: fact.value.rows } : fact).toEqual({
    mode: expected.mode,
    rows: expected.rows,
  });
};

describe('by the word of the kube-proxy pod', () => {
  it('iptables, both families', () => {
    const fact = tableOf({
      proxyIptables: said(iptables),
      proxyIp6tables: said(ip6tables),
      proxyNft: said('{"nftables": []}'),
    });
    expectRows(fact, iptablesRows(iptables));
    expect(fact).toMatchObject({ source: 'the command', value: { families: new Set(['ipv4', 'ipv6']), hooked: true } });
  });

  it('iptables, from an image without nft', () => {
    const fact = tableOf({
      proxyIptables: said(iptables),
      proxyIp6tables: said(''),
      proxyNft: missing('absent', 'no nft'),
    });
    expectRows(fact, iptablesRows(iptables));
  });

  it('nftables, whatever is left of iptables', () => {
    expectRows(tableOf({ proxyIptables: said(unhooked), proxyIp6tables: said(''), proxyNft: said(nft) }), nftRows(nft));
  });

  it('two modes at once are none', () => {
    const fact = tableOf({ proxyIptables: said(iptables), proxyIp6tables: said(''), proxyNft: said(nft) });
    expect(fact).toMatchObject({
      missing: 'unparsed',
      detail: expect.stringContaining('in iptables (nft) and in nftables at once'),
    });
  });

  it('nor do they become one because the agent sees one of them only', () => {
    const asked = { proxyIptables: said(iptables), proxyIp6tables: said(''), proxyNft: said(nft) };
    expect(tableOf({ ...agents, iptablesNft: said(iptables), ...asked }, 'kube-proxy-x')).toMatchObject({
      missing: 'unparsed',
    });
  });

  it('what the pod could not say, the agent does', () => {
    const fact = tableOf(
      { ...agents, iptablesNft: said(iptables), proxyIptables: missing('forbidden', 'no exec') },
      'kube-proxy-x',
    );
    expectRows(fact, iptablesRows(iptables));
  });

  it('nobody could: the reason is the pod’s', () => {
    const why = missing('forbidden', 'no exec');
    const answers = { ...agents, proxyIptables: why, proxyIp6tables: why, proxyNft: why };
    expect(tableOf(answers, 'kube-proxy-x')).toEqual(why);
  });
});

describe('by the agent, where there is no such pod', () => {
  it.each(['iptablesNft', 'iptablesLegacy'] as const)('in %s', (name) => {
    expectRows(tableOf({ ...agents, [name]: said(iptables) }), iptablesRows(iptables));
  });

  it('what nothing leads to does not count beside what packets go by', () => {
    expect(tableOf({ ...agents, iptablesNft: said(unhooked), iptablesLegacy: said(iptables) })).toMatchObject({
      value: { hooked: true },
    });
    expect(tableOf({ ...agents, iptablesNft: said(unhooked) })).toMatchObject({ value: { hooked: false } });
  });

  it('both backexits at once are none', () => {
    expect(tableOf({ ...agents, iptablesNft: said(iptables), iptablesLegacy: said(iptables) })).toMatchObject({
      missing: 'unparsed',
    });
  });

  it('nothing of kube-proxy, or a backend that was not read', () => {
    expect(tableOf(agents)).toMatchObject({ missing: 'absent', detail: 'no rules of kube-proxy are on this node' });
    const why = missing('timeout', 'too slow');
    expect(tableOf({ ...agents, iptablesLegacy: why })).toEqual(why);
    expect(tableOf({})).toMatchObject({ missing: 'notCollected' });
  });

  it('a table of nftables, which no agent can print', () => {
    expect(tableOf({ ...agents, nftTables: said('2 kube-proxy\n') })).toMatchObject({
      missing: 'absent',
      detail: expect.stringContaining('nftables'),
    });
  });
});

it('a lazy table is read once while somebody looks at it', () => {
  let read = 0;
  const table = lazyProxyTable({ mode: 'iptables', families: new Set(['ipv4']), hooked: true }, () => {
    read++;
    return { rows: new Map(), notUnderstood: [] };
  });
  expect(read).toBe(0);
  expect(table.rows).toBe(table.rows);
  expect({ ...table }).toEqual({
    mode: 'iptables',
    families: new Set(['ipv4']),
    hooked: true,
    rows: new Map(),
    notUnderstood: [],
  });
  expect(read).toBe(1);
});

it('a fact is a plain value that may be copied', () => {
  const fact = tableOf({ ...agents, iptablesNft: said(iptables) });
  if (!isKnown(fact)) throw new Error(fact.detail);
  expect(known({ ...fact.value }, fact.source)).toEqual(fact);
});
