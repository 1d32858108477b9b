import type { CheckListOptions } from '../../app/listChecks.ts';
import { checkListFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import { formatFlag, generalFlags } from '../flags.ts';
import { speechOptions } from '../options.ts';

export const checksCommand = defineCommand({
  describe: 'List the checks and the codes that each can raise',
  usage: 'checks',
  examples: [['All checks and the codes that each may raise', 'checks']],
  flags: { ...formatFlag(checkListFormats), ...generalFlags },
  formats: checkListFormats,
  read: (given): CheckListOptions => ({ ...speechOptions(given), format: given.output }),
  run: async (options, context) => (await import('../../app/listChecks.ts')).listChecks(options, context),
});
