import { versionLine } from '../../terminal/tool.ts';
import { defineCommand } from '../Command.ts';
import { generalFlags } from '../flags.ts';

export const version = defineCommand({
  describe: 'Print the version',
  flags: generalFlags,
  read: () => ({}),
  run: async (_, { io }) => {
    io.stdout.write(`${versionLine()}\n`);
    return 0;
  },
});
