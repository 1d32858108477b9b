import type { Command } from '../Command.ts';
import { capture } from './capture.ts';
import { checksCommand } from './checks.ts';
import { cleanup } from './cleanup.ts';
import { completion } from './completion.ts';
import { diff } from './diff.ts';
import { doctor } from './doctor.ts';
import { explain } from './explain.ts';
import { jobCommand } from './job.ts';
import { mergeCommand } from './merge.ts';
import { preflightCommand } from './preflight.ts';
import { shardCommand } from './shard.ts';
import { trace } from './trace.ts';
import { verify } from './verify.ts';
import { version } from './version.ts';

/** Every command by the name under which it is typed, in the order of the help. */
export const commands: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    doctor,
    verify,
    trace,
    preflight: preflightCommand,
    capture,
    diff,
    cleanup,
    job: jobCommand,
    shard: shardCommand,
    merge: mergeCommand,
    explain,
    checks: checksCommand,
    completion,
    version,
  }),
);
