import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiObjects } from '../../src/expect/lb/expectTable.ts';
import { expectTable } from '../../src/expect/lb/expectTable.ts';
import type { ExpectedTable } from '../../src/expect/lb/ExpectedTable.ts';
import { expectNodeOf } from '../../src/expect/lb/ExpectNode.ts';
import { lbConfigWith } from './agentConfigs.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../src/model/kubernetes.ts';
import type { LbTable } from '../../src/model/lb/LbTable.ts';
import { parseBpfLbList } from '../../src/parse/lb/parseBpfLbList.ts';
import { parseNodeAddresses } from '../../src/parse/parseNodeAddresses.ts';

/**
 * Recorded on real clusters of two nodes: healthy, with NodePorts, externalIPs, policy Local, affinity and a Service
 * without endpoints.
 */
export const sampleNames = ['1.18.4', '1.19.6-dsr-maglev', '1.20.1'] as const;
export type SampleName = (typeof sampleNames)[number];
export const sampleNodes = ['n1', 'n2'] as const;

interface Recorded {
  readonly version: string;
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
  readonly ciliumConfig: Readonly<Record<string, string>>;
}

const folder = (sample: SampleName): string => join(import.meta.dirname, '..', 'fixtures', 'lb', sample);

export const sampleText = (sample: SampleName, node: string, file: string): string =>
  readFileSync(join(folder(sample), node, file), 'utf8');

export function sampleObjects(sample: SampleName): ApiObjects & Pick<Recorded, 'nodes' | 'version' | 'ciliumConfig'> {
  const recorded = JSON.parse(readFileSync(join(folder(sample), 'objects.json'), 'utf8')) as Recorded;
  return { ...recorded, localRedirectPolicies: [] };
}

export function sampleExpectation(
  sample: SampleName,
  node: string,
  change: (objects: ApiObjects) => ApiObjects = (same) => same,
): ExpectedTable {
  const { nodes, version, ciliumConfig, ...objects } = sampleObjects(sample);
  const found = nodes.find(({ metadata }) => metadata.name === node);
  const addresses = parseNodeAddresses(sampleText(sample, node, 'db-node-addresses.txt'));
  if (found === undefined || !addresses.ok) throw new Error(`${sample} ${node}: no such sample`);
  return expectTable({
    node: expectNodeOf(found, addresses.value),
    config: lbConfigWith(ciliumConfig, version),
    objects: change(objects),
  });
}

/** The maps as `bpf lb list` printed them. */
export function sampleLbList(
  sample: SampleName,
  node: string,
  change: (text: string) => string = (same) => same,
): LbTable {
  const text = (part: string): string => change(sampleText(sample, node, `bpf-lb-${part}.json`));
  return parseBpfLbList({
    list: text('list'),
    frontends: text('frontends'),
    backends: text('backends'),
    revnat: text('revnat'),
    sourceRanges: text('source-ranges'),
  });
}
