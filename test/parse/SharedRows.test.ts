import { describe, expect, test } from 'vitest';
import { known, valueOf } from '../../src/model/Fact.ts';
import type { LbTable } from '../../src/model/lb/LbTable.ts';
import type { NodeFacts } from '../../src/model/NodeFacts.ts';
import { parseBpfLbList } from '../../src/parse/lb/parseBpfLbList.ts';
import { parseServiceList } from '../../src/parse/lb/parseServiceList.ts';
import { SharedRows } from '../../src/parse/SharedRows.ts';
import { healthyNode } from '../support/healthy.ts';
import { sampleLbList, sampleNames, sampleNodes, sampleText } from '../support/lbSamples.ts';
import { aFrontendKey } from '../support/keys.ts';

const factsWith = (changes: Partial<NodeFacts>): NodeFacts => ({ ...healthyNode('n1', 1).facts, ...changes });

const tableOf = (facts: NodeFacts): LbTable => {
  const table = valueOf(facts.lbTable);
  if (table === undefined) throw new Error('no table');
  return table;
};

/** Everything that can be asked of a table. */
const contentOf = (table: LbTable) => ({
  ...table,
  frontends: [...table.frontends],
  revNat: table.revNat === undefined ? undefined : [...table.revNat],
  values: [...table.frontends.values()],
  byKey: [...table.frontends.keys()].map((key) => table.frontends.get(key)),
  size: table.frontends.size,
});

/** What an agent says, with another state of each row. */
const agentTable = (status: string): LbTable => {
  const table = parseServiceList(sampleText('1.20.1', 'n1', 'service-list.json'));
  const frontends = [...table.frontends].map(
    ([key, row]) => [key, row.agent === undefined ? row : { ...row, agent: { ...row.agent, status } }] as const,
  );
  return { ...table, frontends: new Map(frontends) };
};

const flagsOf = (facts: NodeFacts) => [...tableOf(facts).frontends.values()].map(({ flags }) => flags);

const plainFacts = (read: NodeFacts) => ({
  ...read,
  lbTable: contentOf(tableOf(read)),
  mapFrontends: [...(valueOf(read.mapFrontends) ?? [])],
});

const recorded = sampleNames.flatMap((sample) => sampleNodes.map((node) => ({ sample, node })));

describe('tables read the same', () => {
  // One for all, so that the rows of other nodes and versions are there to be confused with.
  const shared = new SharedRows();

  test.each(recorded)('$sample $node', ({ sample, node }) => {
    const plain = sampleLbList(sample, node);
    const table = tableOf(shared.share(factsWith({ lbTable: known(plain, 'bpf lb list') })));
    const same = { ...contentOf(plain), values: [...plain.frontends.values()] };
    expect(contentOf(table)).toEqual(same);
    expect(table.frontends.size).toBeGreaterThan(5);
    expect(table.frontends.get(aFrontendKey('10.9.9.9:1/TCP'))).toBeUndefined();
    expect(table.frontends.has(aFrontendKey('10.9.9.9:1/TCP'))).toBe(false);
  });

  test.each([
    ['other IDs', (text: string) => text.replaceAll(/\((\d+)\) \[/g, '(9$1) [')],
    [
      'IDs that no map can hold',
      (text: string) => text.replaceAll('"5 0[0]', '"4294967295 0[0]').replace('"6 0[0]', '"9999999999 0[0]'),
    ],
    ['another count', (text: string) => text.replaceAll(' 3[0] ', ' 2[1] ')],
    ['other flags', (text: string) => text.replaceAll('[NodePort, ', '[NodePort, loopback, ')],
    ['a lost backend', (text: string) => text.replaceAll('10.244.1.129:8080/TCP', 'backend 5 not found')],
    ['another backend', (text: string) => text.replaceAll('10.244.1.129', '10.244.1.130')],
    ['rows that are gone', (text: string) => text.replaceAll(/ {2}"0\.0\.0\.0:31080[\s\S]*?\n {2}\],\n/g, '')],
    ['lines that nobody understands', (text: string) => text.replaceAll('10.96.0.1:', '10.96.0.1;')],
  ])('%s', (_, damage) => {
    const plain = sampleLbList('1.20.1', 'n1', damage);
    expect(contentOf(plain)).not.toEqual(contentOf(sampleLbList('1.20.1', 'n1')));
    const table = tableOf(shared.share(factsWith({ lbTable: known(plain, 'bpf lb list') })));
    expect(contentOf(table)).toEqual(contentOf(plain));
  });

  test('of the agent, with its states', () => {
    for (const plain of [agentTable('Done'), agentTable('Error'), agentTable('Done')]) {
      const facts = shared.share(factsWith({ agentTable: known(plain, 'service list') }));
      const table = valueOf(facts.agentTable);
      expect(table === undefined ? undefined : contentOf(table)).toEqual(contentOf(plain));
    }
  });
});

test('other facts read the same, and those that are missing stay so', () => {
  const { facts } = healthyNode('n1', 1);
  expect(plainFacts(new SharedRows().share(facts))).toEqual(plainFacts(facts));
  expect(plainFacts(facts).mapFrontends).not.toEqual([]);
});

test('equal rows of nodes are one', () => {
  const shared = new SharedRows();
  const first = shared.share(healthyNode('n1', 1).facts);
  const second = shared.share(healthyNode('n2', 2).facts);
  expect(valueOf(second.frontendStates)?.[0]).toBe(valueOf(first.frontendStates)?.[0]);
  expect(flagsOf(second).every((flags, at) => flags === flagsOf(first)[at])).toBe(true);
});

test('a table without a row is one', () => {
  const table = tableOf(new SharedRows().share(factsWith({ lbTable: known(parseBpfLbList({ list: '{}' }), '') })));
  expect([...table.frontends]).toEqual([]);
});
