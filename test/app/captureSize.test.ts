import { expect, test } from 'vitest';
import { captureSize } from '../../src/app/captureSize.ts';
import { known, missing } from '../../src/model/Fact.ts';
import type { EndpointSlice, Service } from '../../src/model/kubernetes.ts';

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
const ofServices = (number: number) => ({
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
  expect(captureSize({ services: unknown, endpointSlices: unknown }, 5000)).toBe(5000 * 20_000);
});
