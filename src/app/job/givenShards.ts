import { readSmallFile } from '../../collect/readSmallFile.ts';
import { KprError } from '../../core/KprError.ts';
import { visibleName } from '../../text/visible.ts';
import type { Context } from '../Context.ts';
import { type ClusterOptions, hostOf } from '../openSource.ts';
import { jobLogs } from './jobLogs.ts';
import type { GivenShards } from './mergeShards.ts';
import { kubectlCommand } from '../../collect/api/kubectlFlags.ts';

/** Where readings of shards are. */
export interface ShardsOptions {
  readonly kind: 'shards';
  readonly from:
    | { readonly kind: 'files'; readonly files: readonly string[] }
    | { readonly kind: 'job'; readonly namespace: string; readonly name: string };
  readonly cluster: ClusterOptions;
}

/** Throws KprError for what cannot be read at all. */
export async function givenShards({ from, cluster }: ShardsOptions, { io, loaders }: Context): Promise<GivenShards> {
  if (from.kind === 'files')
    return {
      logs: from.files.map((name) => ({ name, text: readLog(name) })),
      kubectl: kubectlCommand(cluster.connection),
    };
  const port = await loaders.openPort(cluster.connection, cluster.via, hostOf(io));
  try {
    return await jobLogs(port, from.namespace, from.name);
  } finally {
    await port.close();
  }
}

function readLog(file: string): string {
  try {
    return readSmallFile(file);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new KprError(`${visibleName(file)} cannot be read: ${why}`, 'Give the logs that the pods of the Job left');
  }
}
