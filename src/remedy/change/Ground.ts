import { coveredNodes, type Derivations } from '../../core/Derivations.ts';
import { commonSettings } from '../../expect/agent/commonSettings.ts';
import { clusterVersion } from '../../expect/agent/agentVersion.ts';
import { isBoundToLoopback } from '../../expect/agent/combinedSettings.ts';
import { kubeProxyPresence } from '../../expect/kube-proxy/kubeProxyPresence.ts';
import { kubeProxySettings, type KubeProxySettings } from '../../expect/kube-proxy/kubeProxySettings.ts';
import { replacementOnNode } from '../../expect/kube-proxy/replacement.ts';
import type { Version } from '../../knowledge/version.ts';
import { valueOf } from '../../model/Fact.ts';
import type { Intent } from '../../model/Intent.ts';
import type { DaemonSet } from '../../model/kubernetes.ts';
import type { Snapshot } from '../../model/Snapshot.ts';
import { fillCommand, type Values } from '../fill.ts';
import { releaseOf } from '../valuesOf.ts';
import { helmCommand } from './helmCommand.ts';

/** What steps are made of: the cluster as it is, and what was found on it that they carry over. */
export interface Ground {
  readonly intent: Intent;
  readonly snapshot: Snapshot;
  /** Of agents; undefined: nobody tells. */
  readonly version: Version | undefined;
  /** undefined: it was not installed by Helm, or nobody tells. */
  readonly release: string | undefined;
  readonly nodes: readonly GroundNode[];
  readonly proxy: {
    /** The DaemonSet whose pods run; undefined: no DaemonSet runs it. */
    readonly daemonSet: DaemonSet | undefined;
    /** Whether any kube-proxy runs. */
    readonly runs: boolean;
    readonly settings: KubeProxySettings | undefined;
  };
  /** Agents are made anew only when somebody deletes their pods. */
  readonly isOnDelete: boolean;
  /** Agents are told to answer on kube-proxy's health port, which they do from a start on that finds it free. */
  readonly answersHealth: boolean;
  /** A command with its `{{names}}` filled; of Builtins there are namespace, daemonSet and release. */
  readonly command: (template: string, values?: Values) => string;
}

interface GroundNode {
  readonly name: string;
  /** Whether its agent replaces kube-proxy now. */
  readonly isReplacing: boolean;
}

export function groundOf(derivations: Derivations, intent: Intent): Ground {
  const { snapshot } = derivations;
  const { facts, cilium, origin } = snapshot;
  const nodes = coveredNodes(snapshot);
  const presences = nodes.map(({ name }) => derivations.on(kubeProxyPresence, name));
  const agents = (valueOf(facts.daemonSets) ?? []).find(
    ({ metadata }) => metadata.namespace === cilium.namespace && metadata.name === cilium.agentDaemonSets[0],
  );
  const release = releaseOf(snapshot);
  const kubectl = origin.kind === 'live' ? origin.kubectl : 'kubectl';
  const common = derivations.of(commonSettings);
  const given: Values = { namespace: cilium.namespace, daemonSet: cilium.agentDaemonSets[0] ?? 'cilium', release };
  return {
    intent,
    snapshot,
    version: clusterVersion(snapshot),
    release,
    nodes: nodes.map(({ name }) => ({ name, isReplacing: derivations.on(replacementOnNode, name) === 'on' })),
    proxy: {
      daemonSet: presences.flatMap((one) => (one.kind === 'runs' && one.by === 'daemonSet' ? one.daemonSet : []))[0],
      runs: presences.some(({ kind }) => kind === 'runs'),
      settings: kubeProxySettings(valueOf(facts.kubeProxyConfig)),
    },
    isOnDelete: agents?.spec?.updateStrategy?.type === 'OnDelete',
    answersHealth:
      !('missing' in common) &&
      common.healthzBindAddress.value.endsWith(':10256') &&
      !isBoundToLoopback(common.healthzBindAddress.value),
    command: (template, values = {}) => helmCommand(fillCommand(template, { ...given, ...values }, kubectl), kubectl),
  };
}
