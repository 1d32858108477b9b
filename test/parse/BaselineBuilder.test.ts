import { describe, expect, it, test } from 'vitest';
import { isKnown, missing } from '../../src/model/Fact.ts';
import {
  documentNames,
  type RawAnswer,
  type RawDocument,
  type RawDocuments,
  type RawNode,
} from '../../src/model/raw.ts';
import { BaselineBuilder } from '../../src/parse/BaselineBuilder.ts';
import { aNode } from '../support/healthy.ts';
import { proxyText } from '../support/proxyRecordings.ts';

const notAsked = missing('notCollected', 'not asked');
const kubeProxy = (node: string) => ({
  metadata: { name: `kube-proxy-${node}`, namespace: 'kube-system' },
  spec: { nodeName: node, containers: [{ name: 'kube-proxy' }] },
  status: { phase: 'Running' },
});

/** A cluster without Cilium. */
const documents = (pods: readonly object[], changes: Partial<Record<string, RawDocument>> = {}): RawDocuments => ({
  ...(Object.fromEntries(documentNames.map((name) => [name, notAsked])) as RawDocuments),
  nodes: { value: [aNode('n10'), aNode('n2')], source: 'kubectl get nodes' },
  systemPods: { value: pods, source: 'kubectl get pods' },
  ...changes,
});

const printed = (text: string): RawAnswer => ({ text, stderr: '', exitCode: 0, command: 'iptables-save -c' });
const rules = proxyText('1.20.1/n1/iptables-save.txt');
const gone = { proxyHealth: printed('nobody\n') };

function built(node: RawNode, pods: readonly object[] = [kubeProxy('n2')], changes = {}) {
  const builder = new BaselineBuilder({
    origin: { kind: 'sysdump', file: 'dump.zip' },
    takenAt: '2026-11-20T10:00:00Z',
  });
  builder.documents(documents(pods, changes));
  builder.node(node);
  return builder.build();
}

test('kube-proxy alone, without any Cilium: its rows, and nodes by name', () => {
  const before = built({ name: 'n2', answers: { proxyIptables: printed(rules) } });
  expect(before.nodes.map(({ name }) => name)).toEqual(['n2', 'n10']);
  const [n2, n10] = before.nodes;
  expect(n2?.kept).toBe(true);
  expect(n2 && isKnown(n2.table) && n2.table.value.rows.size).toBeGreaterThan(5);
  expect(n10).toEqual({ name: 'n10', kept: false, table: expect.objectContaining({ missing: 'notCollected' }) });
});

describe('whether kube-proxy kept its rules', () => {
  const answers = { iptablesNft: printed(rules) };
  it.each([
    ['it has a pod', [kubeProxy('n2')], gone, {}, true],
    ['it has none', [], {}, {}, false],
    ['nobody answers for it', [], gone, {}, false],
    [
      'it is a process of the host',
      [],
      {
        proxyHealth: printed(
          'HTTP/1.1 200 OK\r\n\r\n{"lastUpdated":"2026-11-20","currentTime":"2026-11-20","nodeEligible":true}',
        ),
      },
      {},
      true,
    ],
    [
      'it is part of k3s',
      [],
      {},
      { version: { value: { gitVersion: 'v1.34.1+k3s1', major: '1', minor: '34' }, source: 'kubectl version' } },
      true,
    ],
  ] as const)('%s', (_title, pods, more, changes, kept) => {
    const node = built({ name: 'n2', answers: { ...answers, ...more } }, pods, changes).nodes[0];
    expect(node?.kept).toBe(kept);
    expect(node && isKnown(node.table)).toBe(true);
  });
});

test('nothing at all', () => {
  const builder = new BaselineBuilder({
    origin: { kind: 'sysdump', file: 'dump.zip' },
    takenAt: '2026-11-20T10:00:00Z',
  });
  expect(() => builder.build()).toThrow('Nothing was read of the cluster as it was before.');
});
