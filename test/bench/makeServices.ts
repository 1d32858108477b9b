import { execFileSync } from 'node:child_process';

/**
 * `node test/bench/makeServices.ts [COUNT]`: makes that many Services (2,000) of three backends each through the API,
 * without selector and with EndpointSlices, in the namespace `kpr-bench`, for measuring on a large cluster; 0 deletes
 * them. KUBECTL may be set.
 */
const count = Number(process.argv[2] ?? 2000);
const kubectl = process.env['KUBECTL'] ?? 'kubectl';
const namespace = 'kpr-bench';
const run = (args: readonly string[], input = ''): void => {
  execFileSync(kubectl, args, { input, stdio: ['pipe', 'ignore', 'inherit'] });
};

if (count === 0) {
  run(['delete', 'namespace', namespace, '--wait=true']);
} else {
  run(['create', 'namespace', namespace]);
  // One request each; of a hundred at a time kubectl makes few processes.
  for (let from = 0; from < count; from += 500) {
    const items = Array.from({ length: Math.min(500, count - from) }, (_, i) => objectsOf(from + i)).flat();
    run(['create', '--validate=false', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  }
}

function objectsOf(number: number): readonly unknown[] {
  const name = `bench-${number}`;
  const endpoints = [1, 2, 3].map((one) => ({
    addresses: [`198.18.${one * 64 + Math.floor(number / 250)}.${(number % 250) + 1}`],
    conditions: { ready: true },
  }));
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints,
    },
  ];
}
