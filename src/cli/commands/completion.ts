import type { CompletionOptions } from '../../app/printCompletion.ts';
import { usageError } from '../../core/KprError.ts';
import { shells } from '../../knowledge/completionScripts.ts';
import { defineCommand } from '../Command.ts';
import { positional } from '../Flag.ts';
import { completionFlags, generalFlags } from '../flags.ts';

export const completion = defineCommand({
  describe: 'Print completion for a shell, or install it for kubectl',
  usage: 'completion (bash | zsh | fish | powershell | install)',
  examples: [
    ['Complete “kubectl kpr”, in every shell in which kubectl itself is completed', 'completion install'],
    ['Complete “kubectl-kpr” in bash: source <(kubectl-kpr completion bash)', 'completion bash'],
  ],
  flags: { what: positional((typed) => typed), ...completionFlags, ...generalFlags },
  read: ({ what, dir }): CompletionOptions => {
    if (what === 'install') return { kind: 'install', folder: dir };
    const shell = shells.find((one) => one === what);
    if (shell === undefined)
      throw usageError(
        `completion is for ${shells.join(', ')}, or install${what === undefined ? '' : `; not for ${what}`}`,
      );
    return { kind: 'script', shell };
  },
  run: async (options, context) => (await import('../../app/printCompletion.ts')).printCompletion(options, context),
});
