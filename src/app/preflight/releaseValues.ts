import type { RawSource } from '../../collect/RawSource.ts';
import { KprError, usageError } from '../../core/KprError.ts';
import type { Snapshot } from '../../model/Snapshot.ts';
import { releaseOf } from '../../remedy/valuesOf.ts';
import type { FoundValues } from '../../values/findValues.ts';

const instead = 'Leave --release-values out: what stands in cilium-config is judged then';

/** The values that Helm keeps of Cilium’s release. Throws KprError where there is none, or it cannot be read. */
export async function releaseValues(snapshot: Snapshot, source: RawSource): Promise<FoundValues> {
  const { namespace } = snapshot.cilium;
  if (source.releaseValues === undefined)
    throw usageError('An archive holds no values of a release, which are a Secret', instead);
  const release = releaseOf(snapshot);
  if (release === undefined)
    throw usageError('Cilium was not installed by Helm here, or nobody tells: there is no release to read', instead);
  const answer = await source.releaseValues(namespace, release);
  if (!answer.ok) throw new KprError(`The values of release ${release} can't be read: ${answer.why.detail}`, instead);
  const file = `release ${release} in ${namespace}`;
  return { file, within: undefined, below: [], tree: answer.value, places: new Map() };
}
