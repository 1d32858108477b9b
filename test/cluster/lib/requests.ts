import type { Bed } from './Bed.ts';

export interface Requests {
  readonly stop: () => Promise<{ readonly requests: number; readonly failures: readonly string[] }>;
}

const get = (url: string): string => `curl -s -o /dev/null --max-time 2 -w '%{http_code} %{errormsg}\\n' ${url}`;
const loop = (what: string): string =>
  `rm -f /tmp/kpr-stop; until [ -e /tmp/kpr-stop ]; do ${what}; sleep 0.1; done; rm -f /tmp/kpr-stop-$$`;

/**
 * Requests by each way to a Service, about ten a second each, until stopped: from a pod, from a node and from outside.
 */
export async function requests(bed: Bed): Promise<Requests> {
  const address = await bed.kubectl('get', 'service', 'httpd', '-o', 'jsonpath={.spec.clusterIP}');
  const dns = await bed.kubectl('-n', 'kube-system', 'get', 'service', 'kube-dns', '-o', 'jsonpath={.spec.clusterIP}');
  const node = await bed.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].status.addresses[0].address}');
  const lookUp = `dig +time=2 +tries=1 +short httpd.default.svc.cluster.local @${dns} | grep -q '^10' && echo '200 dns' || echo '0 dns'`;
  const ways: readonly {
    readonly name: string;
    readonly run: (...command: string[]) => Promise<string>;
    readonly ask: string;
  }[] = [
    {
      name: 'pod, ClusterIP and DNS',
      run: (...command) => bed.client(...command),
      ask: `${get(`http://${address}/`)}; ${lookUp}`,
    },
    { name: 'node n1, ClusterIP', run: (...command) => bed.node('n1', ...command), ask: get(`http://${address}/`) },
    { name: 'outside, NodePort', run: (...command) => bed.outside(...command), ask: get(`http://${node}:31080/`) },
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
