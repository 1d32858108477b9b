import { describe, expect, it } from 'vitest';
import { compareNodes } from '../../../src/expect/parity/compareNodes.ts';
import { compareTables } from '../../../src/expect/parity/compareTables.ts';
import { parseBpfLbList } from '../../../src/parse/lb/parseBpfLbList.ts';
import { parseFrontends } from '../../support/parseFrontends.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { sampleExpectation, sampleLbList, sampleNames, sampleNodes, sampleText } from '../../support/lbSamples.ts';

describe.each(sampleNames)('a healthy cluster with Cilium %s', (sample) => {
  describe.each(sampleNodes)('node %s', (node) => {
    const expected = sampleExpectation(sample, node);
    const agent = parseFrontends(sampleText(sample, node, 'db-frontends.txt'));

    it('is asked for every kind of frontend of the sample', () => {
      const types = new Set([...expected.frontends.values()].map(({ type }) => type));
      expect(types).toEqual(new Set(['ClusterIP', 'NodePort', 'ExternalIPs']));
      expect(expected.frontends.size).toBe(15);
    });

    it('has no difference in lb/maps-dump', () => {
      expect(compareTables(expected, parseMapsDump(sampleText(sample, node, 'lb-maps-dump.txt')), agent)).toEqual([]);
    });

    it('has no difference in bpf lb list with --frontends, --revnat and --source-ranges', () => {
      expect(compareTables(expected, sampleLbList(sample, node), agent)).toEqual([]);
    });

    it('has no difference in bpf lb list alone, which knows no counts', () => {
      expect(compareTables(expected, parseBpfLbList({ list: sampleText(sample, node, 'bpf-lb-list.json') }))).toEqual(
        [],
      );
    });

    it('has no difference while node addresses and pods are not known', () => {
      const unread = { ...expected.unknown, nodePortAddresses: 'not read', hostPorts: 'not read' };
      const surrogates = new Map([...expected.frontends].filter(([, row]) => row.agentKey === row.key));
      expect(
        compareTables({ ...expected, frontends: surrogates, unknown: unread }, sampleLbList(sample, node)),
      ).toEqual([]);
    });
  });

  it('has nodes that agree', () => {
    const tables = sampleNodes.map((node) => ({
      node,
      expected: sampleExpectation(sample, node),
      found: sampleLbList(sample, node),
    }));
    expect(tables).toHaveLength(2);
    expect(compareNodes(tables)).toEqual([]);
  });
});
