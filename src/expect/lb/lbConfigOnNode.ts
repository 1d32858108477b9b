import { defineNodeDerived } from '../../core/Derived.ts';
import { imageVersion } from '../../knowledge/version.ts';
import { type Missing, missing, valueOf } from '../../model/Fact.ts';
import type { DaemonSet } from '../../model/kubernetes.ts';
import type { CiliumInstallation } from '../../model/Snapshot.ts';
import { type LbConfig, lbConfigOf } from './LbConfig.ts';

/** How a node's agent balances, as far as its maps depend on it. */
export const lbConfigOnNode = defineNodeDerived({
  name: 'lbConfigOnNode',
  optional: { cluster: ['daemonSets', 'ciliumConfig'], node: ['status', 'startedConfig'] },
  compute({ cluster, frame, nodes }) {
    const common = valueOf(cluster.ciliumConfig);
    // A hung agent does not tell its version: another's (KPR1006 tells when they differ) or the image's has to do.
    const others = [
      ...nodes.map(({ facts }) => valueOf(facts.status)?.version),
      ...imageVersions(valueOf(cluster.daemonSets) ?? [], frame.cilium),
    ];
    const otherVersion = others.find((version) => version !== undefined);
    return ({ facts }): LbConfig | Missing => {
      const settings = valueOf(facts.startedConfig) ?? common;
      if (settings === undefined)
        return missing('notCollected', 'neither the agent’s configuration nor cilium-config was read');
      const version = valueOf(facts.status)?.version ?? otherVersion;
      return version === undefined
        ? missing('notCollected', 'no agent told its version, by which rows differ')
        : lbConfigOf(settings, version);
    };
  },
});

const imageVersions = (daemonSets: readonly DaemonSet[], cilium: CiliumInstallation): readonly (string | undefined)[] =>
  daemonSets
    .filter(({ metadata }) => metadata.namespace === cilium.namespace && cilium.agentDaemonSets.includes(metadata.name))
    .flatMap(({ spec }) => spec?.template?.spec?.containers ?? [])
    .filter(({ name }) => name === 'cilium-agent')
    .map(({ image }) => imageVersion(image)?.version);
