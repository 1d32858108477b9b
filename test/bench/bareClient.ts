// `node test/bench/bareClient.ts KUBECONFIG`: opens the lists and execs that `doctor` needs of a simulated cluster, 32
// execs at a time, and throws the answers away. What `doctor` takes is set in relation to it.
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import pLimit from 'p-limit';
import { Pool, request } from 'undici';
import { WebSocket } from 'ws';
import { checks } from '../../checks/index.ts';
import { agentScript } from '../../src/collect/agentScript.ts';
import { execPath } from '../../src/collect/api/podPaths.ts';
import { planFor } from '../../src/collect/planFor.ts';
import { noReachInput } from '../../src/collect/reachInput.ts';

const kubeconfig = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority': string } },
  ];
};
const { server, 'certificate-authority': authority } = kubeconfig.clusters[0].cluster;
const ca = readFileSync(authority, 'utf8');
const pool = new Pool(server, { connections: 8, allowH2: false, connect: { ca } });
const lists = [
  '/api/v1/nodes',
  '/api/v1/services',
  '/apis/discovery.k8s.io/v1/endpointslices',
  '/api/v1/pods',
  '/apis/apps/v1/daemonsets',
  '/apis/cilium.io/v2/ciliumnodes',
  '/api/v1/namespaces/kube-system/pods',
];

async function list(path: string): Promise<void> {
  for (let token = ''; ;) {
    const query = new URLSearchParams({ limit: '500', ...(token !== '' && { continue: token }) });
    const { body } = await request(`${server}${path}?${query.toString()}`, { dispatcher: pool });
    const start = await startOf(body);
    token = /"continue":"([^"]+)"/.exec(start)?.[1] ?? '';
    if (token === '') return;
  }
}

/** Where the token stands; the rest is read and forgotten. */
async function startOf(body: AsyncIterable<Buffer>): Promise<string> {
  let start = '';
  for await (const piece of body) if (start.length < 1000) start += piece.toString('latin1');
  return start;
}

const { answers } = planFor(checks, {
  probe: true,
  nodes: undefined,
  ciliumNamespace: undefined,
  nodeTimeoutMs: 10_000,
  runTimeoutMs: 60_000,
  concurrency: undefined,
});
const script = agentScript({ answers, targets: { dns: [], servers: [] }, marker: 'bare', limitSeconds: 5 });
let session: Buffer | undefined;

function exec(pod: string): Promise<void> {
  const path = execPath({ namespace: 'kube-system', pod, container: 'cilium-agent' }, script.command, true);
  const { hostname, port } = new URL(server);
  const socket = new WebSocket(`${server}${path}`, ['v5.channel.k8s.io'], {
    perMessageDeflate: false,
    createConnection: () => {
      const opened = connect({ host: hostname, port: Number(port), ca, servername: '', ...(session && { session }) });
      return opened.on('session', (latest) => (session = latest));
    },
  });
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      for (const piece of [script.stdin, noReachInput]) socket.send(Buffer.concat([Buffer.of(0), piece]));
      socket.send(Buffer.of(255, 0));
    });
    socket.on('message', () => {});
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}

const nodes = Number(process.argv[3] ?? 1);
const limit = pLimit(32);
await Promise.all([...lists.map(list), ...Array.from({ length: nodes }, (_, i) => limit(exec, `cilium-n${i + 1}`))]);
await pool.close();
