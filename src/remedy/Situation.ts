import { coveredNodes, type Derivations } from '../core/Derivations.ts';
import type { Finding } from '../core/Finding.ts';
import type { Danger, Deed } from '../core/Problem.ts';
import { agentConfigOnNode } from '../expect/agent/agentConfigOnNode.ts';
import { tableParity } from '../expect/parity/tableParity.ts';
import { replacementOnNode } from '../expect/kube-proxy/replacement.ts';
import type { Code } from '../knowledge/codes.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { listNames } from '../text/names.ts';
import { fillText } from './fill.ts';
import { valuesOf } from './valuesOf.ts';

/** All that a remedy has to take into account beside its own finding. */
export interface Situation {
  readonly snapshot: Snapshot;
  /** What was found that makes some steps of others dangerous. */
  readonly dangers: readonly FoundDanger[];
  /** Nodes of whose table it is not known whether it is right for good. */
  readonly undecided: () => ReadonlySet<string>;
  /** Nodes whose agents do not replace kube-proxy, or would not after their next start. */
  readonly needKubeProxy: readonly string[];
}

interface FoundDanger {
  readonly finding: Finding;
  /** Codes of what brought it about. */
  readonly causes: readonly string[];
  /** Empty: all. */
  readonly nodes: ReadonlySet<string>;
  readonly deeds: readonly Deed[];
  readonly why: string;
}

/** A finding, and the codes of what brought it about. */
export interface WithCauses {
  readonly finding: Finding;
  readonly causes: readonly string[];
}

export const situationOf = (found: readonly WithCauses[], derivations: Derivations): Situation => ({
  snapshot: derivations.snapshot,
  dangers: found.flatMap(({ finding, causes }) =>
    dangersOf(finding).map(({ deeds, why }) => ({
      finding,
      causes,
      nodes: new Set(finding.nodes),
      deeds,
      why: fillText(why, valuesOf(finding, derivations.snapshot)),
    })),
  ),
  undecided: lazily(
    () =>
      new Set(
        coveredNodes(derivations.snapshot)
          .map(({ name }) => derivations.on(tableParity, name))
          .filter((one) => one.judged && one.differences.some(({ kind }) => kind === 'undecided'))
          .map(({ node }) => node),
      ),
  ),
  needKubeProxy: coveredNodes(derivations.snapshot)
    .filter(({ name }) => needsKubeProxy(name, derivations))
    .map(({ name }) => name),
});

/** Once, when it is first asked for. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function needsKubeProxy(node: string, derivations: Derivations): boolean {
  if (derivations.on(replacementOnNode, node) === 'off') return true;
  const config = derivations.on(agentConfigOnNode, node);
  return !('missing' in config) && !('missing' in config.next) && config.next.replacement.value !== 'on';
}

/** A deed that a step of a finding would do. */
interface Intent {
  readonly deed: Deed;
  /** undefined: it concerns all nodes. */
  readonly node: string | undefined;
  readonly finding: Finding;
  /** Codes of what the step itself repairs. */
  readonly repairs: readonly Code[];
}

/** Why a deed would do harm now, as a part of a sentence; undefined: nothing that was found speaks against it. */
export function obstacleTo(intent: Intent, { dangers, needKubeProxy }: Situation): string | undefined {
  if (intent.deed === 'endKubeProxy' && needKubeProxy.length > 0)
    return `on ${listNames(needKubeProxy)} Cilium does not replace it, or would not after a restart, so nobody would serve Services there`;
  const danger = dangers.find((one) => isMeant(one, intent));
  return danger && `${danger.why} (${danger.finding.code}, which is to be repaired first)`;
}

/**
 * Its own finding does not speak against a step: those before repair that. Nor does what the step repairs, or what came
 * of that. Who restarts all agents, restarts each.
 */
const isMeant = ({ finding, causes, nodes, deeds }: FoundDanger, intent: Intent): boolean =>
  finding !== intent.finding &&
  !intent.repairs.some((code) => code === finding.code || causes.includes(code)) &&
  (deeds.includes(intent.deed) || (intent.deed === 'restartAllAgents' && deeds.includes('restartAgent'))) &&
  (intent.node === undefined || nodes.size === 0 || nodes.has(intent.node));

/** What a finding makes dangerous; its own steps repair it. */
const dangersOf = ({ problem, variant }: Finding): readonly Danger[] =>
  [problem.endangers, problem.variants[variant]?.endangers].filter((one) => one !== undefined);
