import type { Bed } from './Bed.ts';

/**
 * Services of type ClusterIP in the namespace `many`, with endpoints that nobody answers on; for what grows
 * with their number.
 */
export async function createServices(bed: Bed, count: number, endpoints: number): Promise<void> {
  await bed.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'many' } }));
  const batch = 500;
  for (let from = 0; from < count; from += batch) {
    const numbers = Array.from({ length: Math.min(batch, count - from) }, (_, i) => from + i);
    const items = numbers.flatMap((number) => [service(number), slice(number, endpoints)]);
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const { exitCode, stderr } = await bed.run(['kubectl', 'create', '-f', '-'], { input: list, timeoutMs: 600_000 });
    if (exitCode !== 0) throw new Error(`Services ${from} and following: ${stderr.slice(0, 500)}`);
  }
}

const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];

const service = (number: number): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: `s${number}`, namespace: 'many' },
  spec: { ports: ports.map((port) => Object.assign({ targetPort: 8080 }, port)) },
});

const slice = (number: number, endpoints: number): unknown => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `s${number}-1`, namespace: 'many', labels: { 'kubernetes.io/service-name': `s${number}` } },
  addressType: 'IPv4',
  endpoints: Array.from({ length: endpoints }, (_, i) => ({
    addresses: [addressOf(number * endpoints + i)],
    conditions: { ready: true },
  })),
  ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
});

/** Of 10.128.0.0/9, which no node of a bed has. */
const addressOf = (number: number): string => `10.${128 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
