// `node test/bench/largeCapture.ts NODES SERVICES FILE`: a capture of a healthy cluster of that size, three
// backends a Service.
import { CaptureWriter } from '../../src/collect/archive/CaptureWriter.ts';
import { type ClusterSize, largeCluster } from '../support/largeCluster.ts';

export async function writeLargeCapture(file: string, size: ClusterSize): Promise<void> {
  const writer = new CaptureWriter(file, {
    origin: { kind: 'live', context: 'made', server: 'https://172.30.0.1:6443', kubectl: 'kubectl' },
    takenAt: '2026-11-21T09:00:00Z',
    toolVersion: '0.0.0',
    overwrite: true,
  });
  const { documents, nodes } = largeCluster(size);
  await writer.documents(documents);
  for (const node of nodes()) await writer.node(node);
  await writer.finish();
}

if (import.meta.main) {
  const [nodes = '2', services = '2000', file = 'large.kpr'] = process.argv.slice(2);
  await writeLargeCapture(file, { nodes: Number(nodes), services: Number(services), backends: 3 });
}
