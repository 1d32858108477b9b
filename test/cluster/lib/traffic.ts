import type { Bed } from './Bed.ts';
import type { Scenario } from '../scenarios.ts';

/** Everything that must answer on a cluster, each tried for real; gives what did not answer. */
export async function traffic(bed: Bed, scenario: Scenario): Promise<readonly string[]> {
  const get = ['curl', '--silent', '--show-error', '--fail', '--globoff', '--max-time', '3'];
  const nodes = JSON.parse(await bed.kubectl('get', 'nodes', '-o', 'json')) as {
    items: { status: { addresses: { type: string; address: string }[] } }[];
  };
  const addresses = nodes.items.flatMap(({ status }) =>
    status.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
  );
  const v4 = addresses.filter((address) => !address.includes(':'));
  const v6 = addresses.filter((address) => address.includes(':'));
  const clusterIP = await bed.kubectl('get', 'service', 'httpd', '-o', 'jsonpath={.spec.clusterIP}');

  const tries: [string, () => Promise<string>][] = [
    ['pod, DNS and ClusterIP', () => bed.client(...get, 'http://httpd/')],
    ['pod, DNS over TCP', () => bed.client('dig', '+tcp', '+time=2', '+short', 'httpd.default.svc.cluster.local')],
    ['node, ClusterIP', () => bed.node('n1', ...get, `http://${clusterIP}/`)],
    ['outside, external address', () => bed.outside(...get, 'http://203.0.113.7/')],
    ...v4.map((address): [string, () => Promise<string>] => [
      `outside, NodePort on ${address}`,
      () => bed.outside(...get, `http://${address}:31080/`),
    ]),
  ];
  if (scenario.cilium !== 'none') {
    const vip = await loadBalancerAddress(bed);
    tries.push(['outside, LoadBalancer address', () => bed.outside(...get, `http://${vip}/`)]);
  }
  if (scenario.dualStack === true) {
    tries.push(
      ['pod, ClusterIP, IPv6', () => bed.client(...get, '-6', 'http://httpd-v6/')],
      ...v6.map((address): [string, () => Promise<string>] => [
        `outside, NodePort on ${address}`,
        () => bed.outside(...get, `http://[${address}]:31083/`),
      ]),
    );
  }

  const failed: string[] = [];
  for (const [what, attempt] of tries) {
    try {
      if ((await attempt()).trim() === '') failed.push(`${what}: empty answer`);
    } catch (error) {
      failed.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failed;
}

async function loadBalancerAddress(bed: Bed): Promise<string> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const path = '-o=jsonpath={.status.loadBalancer.ingress[0].ip}';
    const address = await bed.kubectl('get', 'service', 'httpd-lb', path);
    if (address !== '') return address;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('Service httpd-lb got no address within 10 s');
}

export interface RequestLoop {
  readonly stop: () => Promise<{ requests: number; failures: readonly string[] }>;
}

/**
 * Requests from the client pod to the Service, about five a second, until stopped; gives their number and what failed.
 */
export async function requestLoop(bed: Bed): Promise<RequestLoop> {
  const address = await bed.kubectl('get', 'service', 'httpd', '-o', 'jsonpath={.spec.clusterIP}');
  const ask = `curl -s -o /dev/null --max-time 2 -w '%{http_code} %{errormsg}\\n' http://${address}/`;
  const running = bed.client('bash', '-c', `rm -f /tmp/stop; until [ -e /tmp/stop ]; do ${ask}; sleep 0.2; done`);
  return {
    async stop() {
      await bed.client('bash', '-c', '> /tmp/stop');
      const lines = (await running).trim().split('\n');
      return { requests: lines.length, failures: lines.filter((line) => !line.startsWith('200')) };
    },
  };
}
