import type { ClusterPort } from '../../collect/ClusterPort.ts';
import { InterruptedError, KprError } from '../../core/KprError.ts';
import { durationText } from '../../text/durationText.ts';
import { count } from '../../text/plural.ts';
import type { Context } from '../Context.ts';
import { pause } from '../pause.ts';
import { type ShardJob, shardJob } from './shardJob.ts';

const betweenMs = 5_000;
/** As long as that an API server may be away that is being replaced. */
const mostFailures = 60;

/**
 * Waits until a Job has ended, complete or failed: its own deadline sees to it that it does. Says how many shards are
 * there where that is wanted. Throws KprError where there is no such Job, nobody says so any more, or the time is up
 * that somebody gave.
 */
export async function untilEnded(
  port: ClusterPort,
  named: {
    readonly namespace: string;
    readonly name: string;
    readonly tells: boolean;
    readonly atMostMs?: number | undefined;
  },
  { io }: Pick<Context, 'io'>,
  pauseMs = betweenMs,
): Promise<ShardJob> {
  const until = io.now() + (named.atMostMs ?? Number.POSITIVE_INFINITY);
  let told = -1;
  let failures = 0;
  for (;;) {
    const read = await shardJob(port, named.namespace, named.name);
    if (read.ok && read.job.hasEnded) return read.job;
    failures = read.ok ? 0 : failures + 1;
    if (!read.ok && (told === -1 || !read.mayPass || failures > mostFailures)) throw read.error;
    if (read.ok && read.job.succeeded !== told) {
      told = read.job.succeeded;
      if (named.tells) io.stderr.write(`${told} of ${count(read.job.of, 'shard')} are there, waiting for the others\n`);
    }
    const leftMs = until - io.now();
    if (leftMs <= 0)
      throw new KprError(
        `The Job had not ended after ${durationText(named.atMostMs ?? 0)}${read.ok ? `: ${told} of ${count(read.job.of, 'shard')} are there` : ''}`,
        'Give more time with --timeout, or leave it out: the Job has a deadline of its own',
      );
    io.guard?.dueIn(Infinity);
    if ((await pause(Math.min(pauseMs, leftMs), io)) === 'interrupted')
      throw new InterruptedError('Interrupted before the Job had ended', 'Its pods go on: merge what they leave later');
  }
}
