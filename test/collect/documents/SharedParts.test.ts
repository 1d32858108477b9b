import { expect, test } from 'vitest';
import { SharedParts } from '../../../src/collect/documents/SharedParts.ts';

const podOf = (name: string, image: string): unknown => ({
  kind: 'Pod',
  metadata: { name, labels: { 'k8s-app': 'cilium' } },
  spec: { nodeName: name, containers: [{ name: 'cilium-agent', image }] },
  status: { podIPs: [{ ip: '10.0.0.1' }] },
});

test('what pods have alike is held once, and every pod is what it was', () => {
  const shared = new SharedParts();
  const [first, other, second] = [podOf('n1', 'a'), podOf('n2', 'b'), podOf('n3', 'a')];
  const kept = [shared.pod(first), shared.pod(other), shared.pod(second)] as {
    metadata: { labels: unknown };
    spec: { containers: unknown };
  }[];
  expect(kept).toStrictEqual([first, other, second]);
  expect(kept[2]?.spec.containers).toBe(kept[0]?.spec.containers);
  expect(kept[1]?.spec.containers).not.toBe(kept[0]?.spec.containers);
  expect(kept[1]?.metadata.labels).toBe(kept[0]?.metadata.labels);
});

test.each([undefined, null, 'pod', [], { metadata: null, spec: 'none' }])('%j is handed back', (what) => {
  expect(new SharedParts().pod(what)).toStrictEqual(what);
});
