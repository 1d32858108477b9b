import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { DocumentName, RawNode } from '../src/model/raw.ts';
import { readCapture } from './readCapture.ts';

/** By the end of the path at which it is asked for. */
const documentAt: Readonly<Record<string, DocumentName>> = {
  version: 'version',
  nodes: 'nodes',
  services: 'services',
  endpointslices: 'endpointSlices',
  daemonsets: 'daemonSets',
  deployments: 'deployments',
  pods: 'systemPods',
  ciliumlocalredirectpolicies: 'localRedirectPolicies',
  ciliumnodes: 'ciliumNodes',
  ciliumnodeconfigs: 'ciliumNodeConfigs',
  'cilium-config': 'ciliumConfig',
  'kube-proxy': 'kubeProxyConfig',
  'kubeadm-config': 'kubeadmConfig',
  'kubelet-config': 'kubeletConfig',
  'cluster-info': 'clusterInfo',
};

/**
 * Answers as the API server of a capture's cluster would, on 127.0.0.1, without TLS and for as long as the process has
 * something else to do; an exec gets what some node printed. Gives the address.
 */
export async function serveCapture(file: string): Promise<string> {
  const { documents, nodes } = await readCapture(file);
  const server = createServer(({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://server');
    const document = documents[documentAt[pathname.slice(pathname.lastIndexOf('/') + 1)] ?? 'version'];
    const isFound = 'value' in document;
    response.writeHead(isFound ? 200 : 404, { 'content-type': 'application/json' });
    if (!isFound) response.end(JSON.stringify({ kind: 'Status', status: 'Failure', code: 404, message: 'not found' }));
    else if (!Array.isArray(document.value)) response.end(JSON.stringify(document.value));
    else response.end(JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata: {}, items: document.value }));
  });
  const execs = new WebSocketServer({ server, handleProtocols: () => 'v5.channel.k8s.io' });
  execs.on('connection', (socket, { url = '' }) => {
    const marker = /kpr-[0-9a-f]{18}/.exec(url)?.[0] ?? '';
    const node = nodes.find(({ name }) => url.includes(name)) ?? nodes[0];
    socket.send(Buffer.from(`\u0001${node === undefined ? '' : sectionsOf(node, marker)}`));
    socket.send(Buffer.from('\u0003{"metadata":{},"status":"Success"}'));
    socket.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** As src/collect/agentScript.ts prints them. */
const sectionsOf = ({ answers }: RawNode, marker: string): string =>
  Object.entries(answers)
    .flatMap(([name, answer]) =>
      'text' in answer ? [`${marker} begin ${name}\n${answer.text}\n${marker} end ${name} 0 \n`] : [],
    )
    .join('');
