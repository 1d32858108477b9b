import type { DaemonSet, LabelSelectorRequirement, Node, NodeSelectorTerm, PodTemplate } from '../model/kubernetes.ts';
import type { NodeCoverage } from '../model/Snapshot.ts';

/**
 * Whether an agent is to run on a node. A node that the DaemonSet is not meant for is excluded, with why; one that
 * merely has a taint which the agents do not tolerate is covered, because nobody chooses a node without a network.
 */
export function nodeCoverage(node: Node, agentDaemonSets: readonly DaemonSet[]): NodeCoverage {
  const labels = node.metadata.labels ?? {};
  const system = labels['kubernetes.io/os'] ?? node.status?.nodeInfo?.operatingSystem;
  if (system === 'windows') return excluded('a Windows node: Cilium runs on Linux');
  if (labels['type'] === 'virtual-kubelet') return excluded('a virtual kubelet: there is no node behind it');
  if (labels['eks.amazonaws.com/compute-type'] === 'fargate') {
    return excluded('a Fargate node: it runs no DaemonSet');
  }
  const mismatches = agentDaemonSets.map((daemonSet) => mismatchOf(node, daemonSet));
  const [first] = mismatches;
  return first === undefined || mismatches.includes(undefined) ? { kind: 'covered' } : excluded(first);
}

const excluded = (why: string): NodeCoverage => ({ kind: 'excluded', why });

function mismatchOf(node: Node, { metadata, spec }: DaemonSet): string | undefined {
  const template = spec?.template?.spec;
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(template?.nodeSelector ?? {}).find(([key, value]) => labels[key] !== value);
  if (selector !== undefined)
    return `outside the node selector ${selector.join('=')} of the DaemonSet ${metadata.name}`;
  const terms = requiredTerms(template);
  if (terms === undefined || terms.some((term) => fits(node, term))) return undefined;
  return `outside the node affinity of the DaemonSet ${metadata.name}`;
}

const requiredTerms = (template: PodTemplate['spec']): readonly NodeSelectorTerm[] | undefined =>
  template?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

/** Terms are alternatives, the requirements of a term hold together, and an empty term fits no node. */
function fits(node: Node, { matchExpressions, matchFields }: NodeSelectorTerm): boolean {
  const expressions = matchExpressions ?? [];
  const fields = matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return (
    expressions.every((one) => holds(labels[one.key], one)) &&
    fields.every((one) => holds(one.key === 'metadata.name' ? node.metadata.name : undefined, one))
  );
}

function holds(value: string | undefined, { operator, values }: LabelSelectorRequirement): boolean {
  const [bound = ''] = values ?? [];
  switch (operator) {
    case 'In':
      return value !== undefined && (values ?? []).includes(value);
    case 'NotIn':
      return value === undefined || !(values ?? []).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return Number.parseInt(value ?? '', 10) > Number.parseInt(bound, 10);
    case 'Lt':
      return Number.parseInt(value ?? '', 10) < Number.parseInt(bound, 10);
    default:
      // An operator that this program does not know yet: a node too many is reported as unread, one too few
      // would be silent.
      return true;
  }
}
