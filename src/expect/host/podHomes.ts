import { defineDerived } from '../../core/Derived.ts';
import { isKnown, type Missing } from '../../model/Fact.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { canonicalAddress, type Family, familyOf } from '../../model/lb/address.ts';

/**
 * By node, of each family one address of a pod there, of those on the network of pods: of a ready one, where there is
 * one, for a node that does not reach its own pods calls none of them ready.
 */
export type PodHomes = ReadonlyMap<string, ReadonlyMap<Family, string>>;

/** A route to a node that has just come is on its way for so long. */
const settledSeconds = 60;

/** Where a pod is that other nodes must reach: of nodes with an agent, and not the youngest ones. */
export const podHomes = defineDerived({
  name: 'podHomes',
  optional: { cluster: ['pods'] },
  compute({ cluster: { pods }, frame: { nodes, takenAt } }): PodHomes | Missing {
    if (!isKnown(pods)) return pods;
    const served = new Set(nodes.filter(({ agent }) => agent !== undefined).map(({ name }) => name));
    const homes = new Map<string, Map<Family, string>>();
    const there = pods.value.filter((pod) => isRunning(pod) && isOld(pod, takenAt));
    for (const pod of [...there.filter(isReady), ...there]) {
      const node = pod.spec?.nodeName;
      if (node === undefined || !served.has(node)) continue;
      const addresses = homes.get(node) ?? new Map<Family, string>();
      homes.set(node, addresses);
      for (const { ip } of pod.status?.podIPs ?? [])
        if (ip !== undefined && canonicalAddress(ip) !== undefined && !addresses.has(familyOf(ip)))
          addresses.set(familyOf(ip), ip);
    }
    return homes;
  },
});

const isRunning = ({ metadata, spec, status }: Pod): boolean =>
  spec?.hostNetwork !== true && metadata.deletionTimestamp === undefined && status?.phase === 'Running';

const isReady = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True');

const isOld = ({ status }: Pod, takenAt: string): boolean =>
  (Date.parse(takenAt) - Date.parse(status?.startTime ?? '')) / 1000 > settledSeconds;
