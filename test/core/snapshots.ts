import { kpr1007 } from '../../checks/agents/problems/KPR1007.ts';
import { type AnyCheck, defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import type { Finding } from '../../src/core/Finding.ts';
import type { Outcome } from '../../src/core/Outcome.ts';
import type { Problem } from '../../src/core/Problem.ts';
import type { ClusterView } from '../../src/core/View.ts';
import { answersOf } from '../../src/knowledge/nodeCommands.ts';
import { missing, type Missing } from '../../src/model/Fact.ts';
import type { AgentStatus, NodeFacts } from '../../src/model/NodeFacts.ts';
import { documentNames } from '../../src/model/raw.ts';
import type { ClusterFacts, NodeSnapshot, Snapshot } from '../../src/model/Snapshot.ts';
import { known } from '../../src/model/Fact.ts';

const nothing: Missing = missing('notCollected', 'not asked in this test');

/** Every fact that there is, each missing; by the program's own lists, so that new ones need nothing here. */
const allMissing = (names: readonly string[]): unknown => Object.fromEntries(names.map((name) => [name, nothing]));
const noNodeFacts = allMissing(Object.keys(answersOf)) as NodeFacts;
const noClusterFacts = allMissing(documentNames) as ClusterFacts;

export const aNode = (
  name: string,
  facts: Partial<NodeFacts> = {},
  more: Partial<NodeSnapshot> = {},
): NodeSnapshot => ({
  name,
  coverage: { kind: 'covered' },
  agent: {
    namespace: 'kube-system',
    name: `cilium-${name}`,
    container: 'cilium-agent',
    startedAt: undefined,
    restarts: 0,
    lastEnd: undefined,
    ready: true,
  },
  facts: { ...noNodeFacts, ...facts },
  ...more,
});

export const aSnapshot = (
  nodes: readonly NodeSnapshot[],
  { facts, ...more }: Partial<Omit<Snapshot, 'nodes' | 'facts'>> & { facts?: Partial<ClusterFacts> } = {},
): Snapshot => ({
  origin: { kind: 'live', context: 'prod-1', server: 'https://10.0.0.1:6443', kubectl: 'kubectl --context=prod-1' },
  takenAt: '2026-01-02T03:04:05Z',
  cilium: { namespace: 'kube-system', agentDaemonSets: ['cilium'], operatorDeployment: 'cilium-operator' },
  distribution: 'kubeadm',
  malformed: [],
  ...more,
  facts: { ...noClusterFacts, ...facts },
  nodes,
});

export const aStatus = (version: string): NodeFacts['status'] =>
  known<AgentStatus>(
    {
      node: undefined,
      version,
      state: 'Ok',
      message: '',
      kubernetes: { state: 'Ok', message: '' },
      kpr: undefined,
      masquerading: { enabled: false, mode: '' },
      routing: { interHost: '', intraHost: '', tunnelProtocol: '' },
      allocated: undefined,
      failingControllers: [],
      heartbeat: undefined,
      stale: new Map(),
    },
    'cilium-dbg status -o json',
  );

export const aFinding = ({ problem = kpr1007, ...more }: Partial<Omit<Finding, 'code'>> = {}): Finding => ({
  kind: 'finding',
  code: problem.code,
  variant: 'detached',
  severity: 'error',
  harm: 'now',
  layer: undefined,
  nodes: [],
  objects: [],
  params: { missing: 'connect4 is' },
  expected: undefined,
  found: undefined,
  evidence: [],
  ...more,
  problem,
});

export const evidenceOf = (node: string): Evidence => ({ node, command: `see ${node}`, lines: ['[]'] });

const kernelOfNodes = { node: ['kernel'] } as const;

/** A check that requires the kernel of each node, and what is given. */
export const aCheck = (
  id: string,
  run: (view: ClusterView<typeof kernelOfNodes>) => Outcome,
  {
    raises = [kpr1007],
    ...more
  }: Partial<Omit<AnyCheck, 'codes' | 'area' | 'raises'>> & {
    readonly raises?: readonly [Problem, ...Problem[]];
  } = {},
): AnyCheck => ({
  ...defineCheck<readonly [Problem, ...Problem[]], typeof kernelOfNodes>({
    id,
    title: `${id} holds`,
    phases: ['doctor'],
    raises,
    requires: kernelOfNodes,
    run,
  }),
  ...more,
});
