import { defineCheck, type NodeView, skip } from '../../src/core/OldCheck.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { imageVersion } from '../../src/knowledge/version.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { AgentStatus } from '../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { nodeConfigsOf } from './configOf.ts';
import { kpr1006 } from './problems/KPR1006.ts';

interface Trait {
  readonly name: string;
  /** undefined: this agent does not say, or it does not matter in its mode; it takes no part then. */
  readonly of: (status: AgentStatus) => string | undefined;
  /** The keys of cilium-config that decide it: where a CiliumNodeConfig sets one, nodes differ by intention. */
  readonly keys: readonly string[];
  /** What the trait would be by the value of the first key; the value itself unless said. */
  readonly asked?: (value: string) => string;
}

/** What must be the same for a Service to behave the same on every node. Device names may differ. */
const traits: readonly Trait[] = [
  { name: 'version', of: ({ version }) => version, keys: [] },
  { name: 'kube-proxy replacement', of: ({ kpr }) => kpr?.mode, keys: ['kube-proxy-replacement'] },
  { name: 'LB mode', of: ({ kpr }) => kpr?.nodePort?.mode, keys: ['bpf-lb-mode', 'kube-proxy-replacement'] },
  {
    name: 'DSR dispatch',
    of: ({ kpr }) => (/dsr|hybrid/i.test(kpr?.nodePort?.mode ?? '') ? kpr?.nodePort?.dsrDispatch : undefined),
    keys: ['bpf-lb-dsr-dispatch', 'bpf-lb-mode'],
  },
  {
    name: 'LB algorithm',
    of: ({ kpr }) => kpr?.nodePort?.algorithm,
    keys: ['bpf-lb-algorithm', 'kube-proxy-replacement'],
  },
  {
    name: 'Maglev table size',
    of: ({ kpr }) =>
      /maglev/i.test(kpr?.nodePort?.algorithm ?? '') ? kpr?.nodePort?.maglevTableSize?.toString() : undefined,
    keys: ['bpf-lb-maglev-table-size', 'bpf-lb-algorithm'],
  },
  {
    name: 'XDP acceleration',
    of: ({ kpr }) => kpr?.nodePort?.acceleration.toLowerCase(),
    keys: ['bpf-lb-acceleration'],
  },
  {
    name: 'NodePort range',
    of: ({ kpr }) => (kpr?.nodePort ? `${kpr.nodePort.portMin}-${kpr.nodePort.portMax}` : undefined),
    keys: ['node-port-range'],
    asked: (value) => value.replaceAll(/\s/g, '').replace(',', '-'),
  },
  {
    name: 'socket LB',
    of: ({ kpr }) => kpr && (kpr.socketLb ? 'on' : 'off'),
    keys: ['kube-proxy-replacement', 'bpf-lb-sock'],
    asked: (value) => (value === 'true' ? 'on' : 'off'),
  },
  {
    name: 'socket LB in pods',
    of: ({ kpr }) => (kpr?.socketLb ? (kpr.socketLbHostNamespaceOnly ? 'off' : 'on') : undefined),
    keys: ['bpf-lb-sock-hostns-only'],
    asked: (value) => (value === 'true' ? 'off' : 'on'),
  },
];

type View = NodeView<'status'>;
interface Difference {
  readonly trait: Trait;
  readonly usual: string | undefined;
  readonly own: string;
}

export const agentsAgree = defineCheck({
  id: 'agents-agree',
  title: 'Agents have the same version and balance in the same way',
  area: 'agents',
  phases: ['doctor', 'verify'],
  raises: [kpr1006],
  needs: { node: ['status'] },
  wants: { cluster: ['ciliumNodeConfigs', 'nodes', 'ciliumConfig', 'daemonSets'] },
  run({ snapshot, nodes }) {
    if (nodes.length < 2) return skip('fewer than two agents to compare');
    const compared = traits.map((trait) => ({ trait, usual: usualOf(trait, nodes, snapshot) }));
    return nodes.flatMap((node) => {
      const differences = compared.flatMap(({ trait, usual }): Difference[] => {
        const own = trait.of(node.facts.status);
        const agreed = nodes.every(({ facts }) => [own, undefined].includes(trait.of(facts.status)));
        return own === undefined || agreed || own === usual ? [] : [{ trait, usual, own }];
      });
      const intended = differences.filter(({ trait }) => isIntended(trait, node.name, snapshot));
      const odd = differences.filter((one) => !intended.includes(one));
      return [...findingOf('odd', node, odd), ...findingOf('intended', node, intended)];
    });
  },
});

function findingOf(variant: 'odd' | 'intended', node: View, differences: readonly Difference[]): Finding<'KPR1006'>[] {
  if (differences.length === 0) return [];
  const found = differences.map(({ trait, own }) => `${trait.name} ${own}`).join(', ');
  const expected = differences
    .flatMap(({ trait, usual }) => (usual === undefined ? [] : [`${trait.name} ${usual}`]))
    .join(', ');
  const about = { nodes: [node.name], found, evidence: [node.evidence('status', found)] };
  return [
    finding(
      kpr1006,
      variant,
      { what: differences.map(({ trait }) => trait.name).join(', ') },
      expected === '' ? about : { ...about, expected },
    ),
  ];
}

/** What most agents have; in a tie what the configuration asks for; otherwise nobody knows, and all are named. */
function usualOf(trait: Trait, nodes: readonly View[], snapshot: Snapshot): string | undefined {
  const counts = new Map<string, number>();
  for (const { facts } of nodes) {
    const value = trait.of(facts.status);
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const most = Math.max(0, ...counts.values());
  const usual = [...counts].filter(([, count]) => count === most).map(([value]) => value);
  if (usual.length === 1) return usual[0];
  return usual.find((value) => wanted(trait, snapshot).includes(value.toLowerCase()));
}

function wanted({ keys, name, asked = (value) => value }: Trait, { facts, cilium }: Snapshot): readonly string[] {
  if (name === 'version') {
    const agents =
      valueOf(facts.daemonSets)?.filter(({ metadata }) => cilium.agentDaemonSets.includes(metadata.name)) ?? [];
    const images = agents.flatMap(
      ({ spec }) => spec?.template?.spec?.containers?.map(({ image }) => image ?? '') ?? [],
    );
    return images.flatMap((image) => imageVersion(image)?.version ?? []);
  }
  const [key] = keys;
  const value = key === undefined ? undefined : valueOf(facts.ciliumConfig)?.get(key);
  return value === undefined ? (defaults[name] ?? []) : [asked(value.toLowerCase())];
}

/** What an agent has whose configuration says nothing. */
const defaults: Readonly<Record<string, readonly string[]>> = {
  'LB mode': ['snat'],
  'LB algorithm': ['random'],
  'Maglev table size': ['16381'],
  'XDP acceleration': ['disabled'],
  'NodePort range': ['30000-32767'],
  'socket LB in pods': ['on'],
};

const isIntended = ({ keys }: Trait, node: string, snapshot: Snapshot): boolean =>
  nodeConfigsOf(node, snapshot).some(({ spec }) => keys.some((key) => spec?.defaults?.[key] !== undefined));
