import { describe, expect, it } from 'vitest';
import { compareWithBaseline, type NodeComparisonInput } from '../../../src/expect/against/compareWithBaseline.ts';
import type { ExpectedTable } from '../../../src/expect/lb/ExpectedTable.ts';
import { expectNodeOf } from '../../../src/expect/lb/ExpectNode.ts';
import { expectTable } from '../../../src/expect/lb/expectTable.ts';
import { lbConfigWith } from '../../support/agentConfigs.ts';
import { parseNodeAddresses } from '../../../src/parse/parseNodeAddresses.ts';
import { proxyText, recordedRows, shopObjects } from '../../support/proxyRecordings.ts';

/**
 * Services of every kind on n1 of two nodes, whose maps are as they should be, and kube-proxy’s rules of that moment.
 */
function onN1(
  file: string,
  changes: Partial<NodeComparisonInput> = {},
  nodePortAddresses?: readonly string[],
): NodeComparisonInput {
  const { nodes, version, ciliumConfig, ...objects } = shopObjects();
  const listed = nodes.find(({ metadata }) => metadata.name === 'n1');
  const addresses = parseNodeAddresses(proxyText('shop/n1/node-addresses.txt'));
  if (listed === undefined || !addresses.ok) throw new Error('no such recording');
  const own = expectNodeOf(listed, addresses.value);
  const node = { ...own, nodePortAddresses: nodePortAddresses ?? own.nodePortAddresses };
  const config = lbConfigWith(ciliumConfig, version);
  const expected = expectTable({ node, config, objects });
  return {
    proxy: recordedRows(`shop/n1/${file}`),
    node,
    config,
    objects,
    expected,
    now: expected,
    differences: [],
    kept: true,
    inBoth: new Set(objects.services.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`)),
    unsettled: new Set(),
    socketLb: true,
    nodeAddresses: ['172.30.0.11'],
    ...changes,
  };
}

describe('Services of every kind', () => {
  it.each(['iptables-save.txt', 'nft.json', 'iptables-save-narrow.txt', 'nft-all.json'])(
    '%s: nothing is lost',
    (file) => {
      const { lost, gained, unknown, moved, served } = compareWithBaseline(onN1(file));
      expect({ lost, gained, unknown, moved: [...moved] }).toEqual({ lost: [], gained: [], unknown: [], moved: [] });
      expect(served.size).toBeGreaterThan(20);
    },
  );
});

describe('NodePorts at one address, and Cilium serves them at another', () => {
  const elsewhere = ['192.0.2.11'];

  it('is meant to be', () => {
    const { intended, lost } = compareWithBaseline(onN1('nft.json', { nodeAddresses: [] }, elsewhere));
    const there = intended.filter(({ reasons }) => reasons.includes('nodePortAddresses'));
    expect(there.map(({ frontend }) => frontend)).toContain('172.30.0.11:31080/TCP');
    expect(lost).toEqual([]);
  });

  it.each(['nft.json', 'iptables-save.txt'])('%s: is lost where clients know the node by it', (file) => {
    const { lost } = compareWithBaseline(onN1(file, {}, elsewhere));
    expect(lost.length).toBeGreaterThan(5);
    for (const { frontend, what, expected } of lost) {
      expect([frontend.split(':')[0], what]).toEqual(['172.30.0.11', 'frontend']);
      expect(expected.length).toBeGreaterThan(0);
    }
  });
});

const withoutRows = (table: ExpectedTable, owner: string): ExpectedTable => ({
  ...table,
  frontends: new Map([...table.frontends].filter(([, row]) => row.owner.name !== owner)),
});

const without = (owner: string) => {
  const input = onN1('iptables-save.txt');
  return compareWithBaseline({
    ...input,
    expected: withoutRows(input.expected, owner),
    now: withoutRows(input.now, owner),
  });
};

describe('rows that nobody asks of Cilium', () => {
  it('are lost', () => {
    const { lost } = without('external');
    expect(lost.map(({ service, what, difference }) => [service, what, difference])).toEqual([
      ['default/external', 'frontend', undefined],
      ['default/external', 'frontend', undefined],
    ]);
    expect(lost[0]).toMatchObject({ from: ['outside', 'pod', 'node'], found: [] });
  });

  it('are not, where kube-proxy refused', () => {
    expect(without('empty').lost).toEqual([]);
  });
});
