import type { CleanupOptions } from '../../app/cleanUp.ts';
import { usageError } from '../../core/KprError.ts';
import { defineCommand } from '../Command.ts';
import type { Given } from '../Flag.ts';
import { cleanupFlags, connectionFlags, generalFlags, sourceFlags } from '../flags.ts';
import { clusterOptions, readOptions, speechOptions } from '../options.ts';

const flags = { ...cleanupFlags, ...sourceFlags, ...connectionFlags, ...generalFlags };

export const cleanup = defineCommand({
  describe: 'Say what kube-proxy left on each node, and write a script that removes it, with backup, check and undo',
  usage: 'cleanup',
  examples: [
    ['Write a script for each node that has leftovers; changes nothing', 'cleanup -o cleanup'],
    ['Say what is left, and where: without -o no script is written', 'cleanup'],
    ['Run the script of one node', 'cleanup --apply --node n1 --yes'],
  ],
  flags,
  read: (given): CleanupOptions => ({
    ...readOptions(given),
    ...speechOptions(given),
    scripts: given.apply ? toApply(given) : toShow(given),
  }),
  run: async (options, context) => (await import('../../app/cleanUp.ts')).cleanUp(options, context),
});

function toShow(given: Given<typeof flags>): CleanupOptions['scripts'] {
  const { yes, overwrite, output: folder, from, 'trust-archive': isTrusted } = given;
  if (isTrusted && from === undefined) throw usageError('--trust-archive has a meaning with --from only');
  if (from !== undefined && !isTrusted)
    throw usageError(
      'cleanup --from makes scripts that run as root of what an archive says, so it needs --trust-archive, too',
      'Better: read the cluster itself, without --from',
    );
  if (yes) throw usageError('--yes has a meaning with --apply only');
  if (overwrite && folder === undefined) throw usageError('--overwrite has a meaning with -o only');
  return folder === undefined ? { kind: 'print' } : { kind: 'write', folder, overwrite };
}

function toApply(given: Given<typeof flags>): CleanupOptions['scripts'] {
  const without = 'Without --apply nothing is changed';
  if (given.from !== undefined) throw usageError('--apply cannot change a file that was captured', without);
  if (given.output !== undefined) throw usageError('--apply runs a script, -o writes it: choose one', without);
  if (given.node.length === 0)
    throw usageError('--apply needs --node: one node first, so that there is a node to compare with', without);
  if (!given.yes) throw usageError('--apply changes the node, so it needs --yes, too; nothing was changed', without);
  return { kind: 'apply', cluster: clusterOptions(given) };
}
