import { coveredNodes, type Derivations } from '../core/Derivations.ts';
import type { Finding } from '../core/Finding.ts';
import type { Danger, Deed } from '../core/Problem.ts';
import { agentConfigOnNode } from '../expect/agent/agentConfigOnNode.ts';
import { replacementOnNode } from '../expect/kube-proxy/replacement.ts';
import type { Code } from '../knowledge/codes.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { listNames } from '../text/names.ts';
import { fillText } from './fill.ts';
import { valuesOf } from './valuesOf.ts';

/** All that a remedy has to take into account beside its own finding. */
export interface Situation {
  readonly snapshot: Snapshot;
  /** Everything that was found. */
  readonly findings: readonly Finding[];
  /** Nodes whose agents do not replace kube-proxy, or would not after their next start. */
  readonly needKubeProxy: readonly string[];
}

export const situationOf = (findings: readonly Finding[], derivations: Derivations): Situation => ({
  snapshot: derivations.snapshot,
  findings,
  needKubeProxy: coveredNodes(derivations.snapshot)
    .filter(({ name }) => needsKubeProxy(name, derivations))
    .map(({ name }) => name),
});

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
export function obstacleTo(intent: Intent, { snapshot, findings, needKubeProxy }: Situation): string | undefined {
  if (intent.deed === 'endKubeProxy' && needKubeProxy.length > 0)
    return `on ${listNames(needKubeProxy)} Cilium does not replace it, or would not after a restart, so nobody would serve Services there`;
  const against = findings.find((other) => stands(other, intent));
  const danger = against && dangersOf(against).find((one) => isMeant(one, intent.deed));
  if (against === undefined || danger === undefined) return undefined;
  return `${fillText(danger.why, valuesOf(against, snapshot))} (${against.code}, which is to be repaired first)`;
}

/** Its own finding does not speak against a step: the steps before it repair that. */
const stands = (other: Finding, { deed, node, finding, repairs }: Intent): boolean =>
  other !== finding &&
  !repairs.includes(other.code) &&
  dangersOf(other).some((one) => isMeant(one, deed)) &&
  (node === undefined || other.nodes.length === 0 || other.nodes.includes(node));

/** What a finding makes dangerous; its own steps repair it. */
export const dangersOf = ({ problem, variant }: Finding): readonly Danger[] =>
  [problem.endangers, problem.variants[variant]?.endangers].filter((one) => one !== undefined);

/** Who restarts all agents, restarts each. */
const isMeant = ({ deeds }: Danger, deed: Deed): boolean =>
  deeds.includes(deed) || (deed === 'restartAllAgents' && deeds.includes('restartAgent'));
