import type { Bed } from './Bed.ts';

export interface Requests {
  readonly stop: () => Promise<{ readonly requests: number; readonly failures: readonly string[] }>;
}

const get = (url: string): string => `curl -s -o /dev/null --max-time 2 -w '%{http_code} %{errormsg}\\n' ${url}`;
const loop = (what: string): string =>
  `rm -f /tmp/kpr-stop; until [ -e /tmp/kpr-stop ]; do ${what}; sleep 0.1; done; rm -f /tmp/kpr-stop-$$`;

/**
 * Requests by each way to a Service, about ten a second each, until stopped: from a pod, from a node and from outside.
 * @param kinds `all`: also by external and LoadBalancer addresses, and by NodePorts from a pod
 */
export async function requests(bed: Bed, kinds: 'usual' | 'all' = 'usual'): Promise<Requests> {
  const address = await bed.kubectl('get', 'service', 'httpd', '-o', 'jsonpath={.spec.clusterIP}');
  const dns = await bed.kubectl('-n', 'kube-system', 'get', 'service', 'kube-dns', '-o', 'jsonpath={.spec.clusterIP}');
  const node = await bed.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].status.addresses[0].address}');
  const lookUp = `dig +time=2 +tries=1 +short httpd.default.svc.cluster.local @${dns} | grep -q '^10' && echo '200 dns' || echo '0 dns'`;
  const ways: readonly Way[] = [
    {
      name: 'pod, ClusterIP and DNS',
      run: (...command) => inClient(bed, command),
      ask: `${get(`http://${address}/`)}; ${lookUp}`,
    },
    {
      name: 'node n1, ClusterIP',
      run: (...command) => lasting(bed, ['node', 'n1', ...command]),
      ask: get(`http://${address}/`),
    },
    {
      name: 'outside, NodePort',
      run: (...command) => lasting(bed, ['outside', ...command]),
      ask: get(`http://${node}:31080/`),
    },
    ...(kinds === 'all' ? await moreWays(bed, node) : []),
  ];
  const running = ways.map(({ run, ask }, index) =>
    run('bash', '-c', loop(ask).replaceAll('/tmp/kpr-stop', `/tmp/kpr-stop-${index}`)),
  );
  return {
    async stop() {
      await Promise.all(ways.map(({ run }, index) => run('bash', '-c', `> /tmp/kpr-stop-${index}`)));
      const texts = await Promise.all(running);
      const lines = texts.map((text) => text.trim().split('\n'));
      return {
        requests: lines.flat().length,
        failures: ways.flatMap(({ name }, index) =>
          (lines[index] ?? []).filter((line) => !line.startsWith('200')).map((line) => `${name}: ${line}`),
        ),
      };
    },
  };
}

interface Way {
  readonly name: string;
  readonly run: (...command: string[]) => Promise<string>;
  readonly ask: string;
}

async function moreWays(bed: Bed, node: string): Promise<readonly Way[]> {
  const vip = await bed.kubectl('get', 'service', 'httpd-lb', '-o', 'jsonpath={.status.loadBalancer.ingress[0].ip}');
  return [
    {
      name: 'outside, external address',
      run: (...command) => lasting(bed, ['outside', ...command]),
      ask: get('http://203.0.113.7/'),
    },
    {
      name: 'outside, LoadBalancer address',
      run: (...command) => lasting(bed, ['outside', ...command]),
      ask: get(`http://${vip}/`),
    },
    { name: 'pod, NodePort', run: (...command) => inClient(bed, command), ask: get(`http://${node}:31080/`) },
  ];
}

/** As long as what is done meanwhile takes. */
async function lasting(bed: Bed, args: readonly string[]): Promise<string> {
  const { stdout } = await bed.run(args, { timeoutMs: 7_200_000 });
  return stdout;
}

const inClient = (bed: Bed, command: readonly string[]): Promise<string> =>
  lasting(bed, ['kubectl', 'exec', 'netshoot-client', '--', ...command]);
