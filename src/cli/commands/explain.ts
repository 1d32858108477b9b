import type { ExplainOptions } from '../../app/explainCode.ts';
import { explainFormats, problemFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import { positionals } from '../Flag.ts';
import { formatFlag, generalFlags } from '../flags.ts';
import { speechOptions } from '../options.ts';

export const explain = defineCommand({
  describe: 'Explain a finding: symptom, cause, how to confirm it, remedy',
  usage: 'explain [CODE | CHECK ...]',
  examples: [
    ['What a finding means, and what to do', 'explain KPR3003'],
    ['All that a check may find', 'explain agents-ready'],
    ['All codes', 'explain'],
  ],
  flags: { names: positionals, ...formatFlag(explainFormats), ...generalFlags },
  formats: problemFormats,
  read: (given): ExplainOptions => ({ ...speechOptions(given), names: given.names, format: given.output }),
  run: async (options, context) => (await import('../../app/explainCode.ts')).explainCode(options, context),
});
