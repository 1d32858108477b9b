import type { ClusterPort } from '../../collect/ClusterPort.ts';
import { count } from '../../text/plural.ts';
import { readSmallFile } from '../../collect/readSmallFile.ts';
import { KprError } from '../../core/KprError.ts';
import { failureText } from '../../text/failureText.ts';
import { visibleName } from '../../text/visible.ts';
import type { Context } from '../Context.ts';
import { type ClusterOptions, hostOf } from '../openSource.ts';
import { jobLogs } from './jobLogs.ts';
import { shardJob, type ShardJob } from './shardJob.ts';
import { untilEnded } from './untilEnded.ts';
import type { GivenShards } from './mergeShards.ts';
import { kubectlCommand } from '../../collect/api/kubectlFlags.ts';

/** Where readings of shards are. */
export interface ShardsOptions {
  readonly kind: 'shards';
  readonly from:
    | { readonly kind: 'files'; readonly files: readonly string[] }
    | {
        readonly kind: 'job';
        readonly namespace: string;
        readonly name: string;
        /** For its end; undefined: nobody waits. */
        readonly wait: { readonly tells: boolean; readonly atMostMs: number | undefined } | undefined;
      };
  readonly cluster: ClusterOptions;
}

/** Throws KprError for what cannot be read at all. */
export async function givenShards({ from, cluster }: ShardsOptions, context: Context): Promise<GivenShards> {
  const { io, loaders } = context;
  if (from.kind === 'files')
    return {
      logs: from.files.map((name) => ({ name, text: readLog(name) })),
      kubectl: kubectlCommand(cluster.connection),
    };
  const port = await loaders.openPort(cluster.connection, cluster.via, hostOf(io));
  try {
    const { namespace, name, wait } = from;
    const job = wait === undefined ? await endedJob(port, from) : await untilEnded(port, { ...from, ...wait }, context);
    return await jobLogs(port, namespace, name, job);
  } finally {
    await port.close();
  }
}

type NamedJob = Extract<ShardsOptions['from'], { readonly kind: 'job' }>;

async function endedJob(port: ClusterPort, { namespace, name }: NamedJob): Promise<ShardJob> {
  const read = await shardJob(port, namespace, name);
  if (!read.ok) throw read.error;
  const { of, succeeded, hasEnded } = read.job;
  if (!hasEnded)
    throw new KprError(
      `The Job has not ended: ${succeeded} of ${count(of, 'shard')} are there`,
      'With --wait it is waited for',
    );
  return read.job;
}

function readLog(file: string): string {
  try {
    return readSmallFile(file);
  } catch (error) {
    throw new KprError(
      `${visibleName(file)} cannot be read: ${failureText(error)}`,
      'Give the logs that the pods of the Job left',
    );
  }
}
