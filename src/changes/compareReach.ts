import type { FrontendChange, Reach, ServiceChange, ServiceReach, ServicesChanges } from './Changes.ts';

/** Which Services' clients reach other backends than before. */
export function compareReach(before: ServiceReach, after: ServiceReach): ServicesChanges {
  const isSameKind = before.datapath === after.datapath;
  const changes: ServiceChange[] = [];
  const same: string[] = [];
  for (const service of new Set([...before.services.keys(), ...after.services.keys()])) {
    // Beside kube-proxy a CNI plugin serves hostPorts; those are not rows of kube-proxy's.
    if (!isSameKind && service.startsWith('HostPort ')) continue;
    const earlier = before.services.get(service);
    const later = after.services.get(service);
    const frontends = changesOf(earlier ?? noRows, later ?? noRows, isSameKind);
    if (frontends.length === 0) same.push(service);
    else
      changes.push({
        service,
        what: earlier === undefined ? 'added' : later === undefined ? 'removed' : 'changed',
        frontends,
      });
  }
  return {
    before: before.datapath,
    after: after.datapath,
    same,
    changes: changes.sort((a, b) => (a.service < b.service ? -1 : 1)),
  };
}

const noRows: ReadonlyMap<string, Reach> = new Map();

function changesOf(
  earlier: ReadonlyMap<string, Reach>,
  later: ReadonlyMap<string, Reach>,
  isSameKind: boolean,
): readonly FrontendChange[] {
  return [...new Set([...earlier.keys(), ...later.keys()])].sort().flatMap((frontend) => {
    const before = earlier.get(frontend);
    const after = later.get(frontend);
    if (before !== undefined && after !== undefined) return isSame(before, after) ? [] : [{ frontend, before, after }];
    // Not being served and being refused are the same for a client, and not every program has a row for it.
    const only = before ?? after;
    return !isSameKind && only !== undefined && isRefused(only) ? [] : [{ frontend, before, after }];
  });
}

const isSame = (a: Reach, b: Reach): boolean =>
  areEqual(a.inside, b.inside) &&
  areEqual(a.outside, b.outside) &&
  (a.affinity === undefined || b.affinity === undefined || a.affinity === b.affinity);

const areEqual = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  a === undefined || b === undefined || a.join() === b.join();

const isRefused = ({ inside, outside }: Reach): boolean => (inside?.length ?? 0) + (outside?.length ?? 0) === 0;
