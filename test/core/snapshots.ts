import { kpr1007 } from '../../checks/agents/problems/KPR1007.ts';
import { defineCheck, type Check } from '../../src/core/Check.ts';
import type { Evidence, Finding } from '../../src/core/Finding.ts';
import { answersOf } from '../../src/knowledge/nodeCommands.ts';
import { missing, type Missing } from '../../src/model/Fact.ts';
import type { AgentStatus, NodeFactName, NodeFacts } from '../../src/model/NodeFacts.ts';
import { documentNames } from '../../src/model/raw.ts';
import type { ClusterFactName, ClusterFacts, NodeSnapshot, Snapshot } from '../../src/model/Snapshot.ts';
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
      version,
      state: 'Ok',
      message: '',
      kubernetes: { state: 'Ok', message: '' },
      kpr: undefined,
      masquerading: { enabled: false, mode: '' },
      routing: { interHost: '', intraHost: '', tunnelProtocol: '' },
      failingControllers: [],
      stale: new Map(),
    },
    'cilium-dbg status -o json',
  );

export const aFinding = ({ problem = kpr1007, ...more }: Partial<Omit<Finding, 'code'>> = {}): Finding => ({
  kind: 'finding',
  code: problem.code,
  variant: 'detached',
  severity: 'error',
  nodes: [],
  objects: [],
  params: { missing: 'connect4 is' },
  expected: undefined,
  found: undefined,
  evidence: [],
  ...more,
  problem,
});

export const evidenceOf = (node: string): Evidence => ({ node, command: `see ${node}`, excerpt: '[]' });

/** A check that needs the kernel of each node, and of the cluster what is given. */
export const aCheck = (id: string, run: Check['run'], more: Partial<Check> = {}): ReturnType<typeof defineCheck> =>
  defineCheck<ClusterFactName, NodeFactName>({
    id,
    title: `${id} holds`,
    area: 'agents',
    phases: ['doctor'],
    raises: [kpr1007],
    needs: { node: ['kernel'] },
    ...more,
    run,
  });
