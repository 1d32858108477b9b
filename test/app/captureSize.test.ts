import { expect, test } from 'vitest';
import { captureSize } from '../../src/app/captureSize.ts';
import { known, missing } from '../../src/model/Fact.ts';
import type { EndpointSlice, Pod, Service } from '../../src/model/kubernetes.ts';

const service: Service = {
  metadata: { name: 'shop', namespace: 'shop' },
  spec: { clusterIPs: ['10.96.0.10'], ports: [{ port: 80 }] },
};
const slice: EndpointSlice = {
  metadata: { name: 'shop-1', namespace: 'shop' },
  addressType: 'IPv4',
  endpoints: ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ({ addresses: [address] })),
  ports: [{ port: 8080 }],
};
const ofServices = (number: number, systemPods: readonly Pod[] = []) => ({
  systemPods: known(systemPods, 'kubectl get pods'),
  services: known(
    Array.from({ length: number }, () => service),
    'kubectl get services -A',
  ),
  endpointSlices: known(
    Array.from({ length: number }, () => slice),
    'kubectl get endpointslices -A',
  ),
});

test('a thousand nodes of 5,000 Services are near a gigabyte', () => {
  expect(captureSize(ofServices(5000), 1000)).toBeCloseTo(0.9e9, -8);
});

test('nobody hears of what is small, and nodes take room without Services, too', () => {
  expect(captureSize(ofServices(100), 10)).toBeUndefined();
  const unknown = missing('forbidden', 'services is forbidden');
  expect(captureSize({ services: unknown, endpointSlices: unknown, systemPods: unknown }, 5000)).toBe(5000 * 20_000);
});

const kubeProxy = (node: number): Pod => ({
  metadata: { name: `kube-proxy-${node}`, namespace: 'kube-system' },
  spec: {
    nodeName: `n${node}`,
    containers: [{ name: 'kube-proxy', command: ['/usr/local/bin/kube-proxy'] }],
  },
  status: { phase: 'Running' },
});

test('the rules of a kube-proxy that runs are foreseen, on the nodes that are read', () => {
  const proxies = Array.from({ length: 1000 }, (_, node) => kubeProxy(node));
  const without = captureSize(ofServices(5000), 500) ?? 0;
  // For each Service one port and three backends.
  expect(captureSize(ofServices(5000, proxies), 500)).toBe(without + 500 * 5000 * 4 * 160);
  expect(captureSize(ofServices(5000, proxies.slice(0, 10)), 500)).toBe(without + 10 * 5000 * 4 * 160);
});
