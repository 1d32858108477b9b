import type { ApiObjects } from '../../src/expect/lb/expectTable.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { parseFrontends } from './parseFrontends.ts';
import { parseNodeAddresses } from '../../src/parse/parseNodeAddresses.ts';
import { aSnapshot, type NodeChanges } from './aSnapshot.ts';
import { sampleLbList, type SampleName, sampleNodes, sampleObjects, sampleText } from './lbSamples.ts';

interface Edits {
  /** Of the API's objects. */
  readonly objects?: (objects: ApiObjects) => ApiObjects;
  /** Of what n2 printed of its maps. */
  readonly maps?: (text: string) => string;
  /** Of what is known of n2. */
  readonly n2?: NodeChanges;
  /** Of what is known of both nodes. */
  readonly all?: NodeChanges;
}

/** A recorded healthy cluster as a snapshot, with edits. */
export function sampleSnapshot(sample: SampleName, { objects: edit, maps, n2, all }: Edits = {}): Snapshot {
  const { nodes, version, ciliumConfig, ...recorded } = sampleObjects(sample);
  const objects = edit === undefined ? recorded : edit(recorded);
  const isDsr = ciliumConfig['bpf-lb-mode'] === 'dsr';
  const of = (node: string): NodeChanges => {
    const addresses = parseNodeAddresses(sampleText(sample, node, 'db-node-addresses.txt'));
    if (!addresses.ok) throw new Error(`${sample} ${node}: no node addresses`);
    return {
      status: { version, kpr: { nodePort: { mode: isDsr ? 'DSR' : 'SNAT', algorithm: isDsr ? 'Maglev' : 'Random' } } },
      lbTable: sampleLbList(sample, node, node === 'n2' ? maps : undefined),
      agentTable: parseFrontends(sampleText(sample, node, 'db-frontends.txt')),
      nodeAddresses: addresses.value,
      startedConfig: new Map(Object.entries(ciliumConfig)),
      frontendStates: [],
      ...all,
      ...(node === 'n2' ? n2 : {}),
    };
  };
  return aSnapshot({
    facts: {
      services: objects.services,
      endpointSlices: objects.endpointSlices,
      ...(objects.pods === undefined ? {} : { pods: objects.pods }),
      nodes,
      localRedirectPolicies: [],
      ciliumConfig: new Map(Object.entries(ciliumConfig)),
    },
    nodes: Object.fromEntries(sampleNodes.map((node) => [node, of(node)])),
  });
}

/** Endpoints of a Service of the sample, those whose address is kept. */
export const withEndpoints =
  (service: string, keep: (address: string) => boolean) =>
  (objects: ApiObjects): ApiObjects => ({
    ...objects,
    endpointSlices: objects.endpointSlices.map((slice) =>
      slice.metadata.labels?.['kubernetes.io/service-name'] === service
        ? { ...slice, endpoints: (slice.endpoints ?? []).filter(({ addresses }) => keep(addresses[0] ?? '')) }
        : slice,
    ),
  });
