import type { Context } from '../../app/Context.ts';
import { indexVariable, runVariable } from '../../knowledge/jobNames.ts';
import { usageError } from '../../core/KprError.ts';
import { defineCommand } from '../Command.ts';
import { only } from '../Flag.ts';
import { connectionFlags, generalFlags, parseIndex, shardFlags, sourceFlags } from '../flags.ts';
import { limitsOf, sourceOptions } from '../options.ts';
import type { ReadOptions } from '../../app/takeSnapshot.ts';

const flags = {
  ...shardFlags,
  ...only(sourceFlags, 'via', 'cilium-namespace', 'timeout', 'concurrency', 'node-timeout', 'probe'),
  ...connectionFlags,
  ...generalFlags,
};

interface Asked extends ReadOptions {
  readonly of: number;
  readonly index: number | undefined;
  readonly run: string | undefined;
}

/** What the pods of `job` run; by hand it does the same. */
export const shardCommand = defineCommand({
  describe: 'Read one part of the nodes as verify does, and print what was read, for merge; the pods of job run it',
  usage: 'shard --of N',
  examples: [['The first of two parts, without a Job', 'shard --of 2 --index 0 --run today']],
  flags,
  read: (given): Asked => {
    const { of, index, run } = given;
    if (of === undefined)
      throw usageError('shard needs to know into how many parts nodes are divided', 'For example: --of 10');
    if (index !== undefined && index >= of) throw usageError(`--index ${index} is not below --of ${of}`);
    const limits = limitsOf({ ...given, node: [] }, given.probe);
    return { source: sourceOptions({ ...given, from: undefined }), limits, of, index, run };
  },
  run: async (options, context) => {
    const { readShard } = await import('../../app/job/readShard.ts');
    return readShard({ ...options, ...whichOf(options, context) }, context);
  },
});

/** A pod of a Job is told by its environment. Throws KprError. */
function whichOf(
  { of, index: typed, run }: Asked,
  { io: { env } }: Context,
): { readonly index: number; readonly run: string } {
  const told = env[indexVariable];
  const index = typed ?? (told === undefined ? undefined : parseIndex(told, 'index'));
  if (index === undefined || index >= of)
    throw usageError(
      index === undefined
        ? `Which part is to be read is not known`
        : `${indexVariable} is ${index}, and there are ${of}`,
      `Give --index, or set ${indexVariable} as Jobs with completionMode Indexed do`,
    );
  return { index, run: run ?? env[runVariable] ?? '' };
}
