import type { PreflightOptions } from '../../app/preflight/preflight.ts';
import { preflightFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import { formatFlag, generalFlags, targetFlags, valuesFlags } from '../flags.ts';
import { speechOptions, targetBranches, valuesOptions } from '../options.ts';

export const preflightCommand = defineCommand({
  describe:
    'Say before an upgrade what becomes of your Helm values: refused, ignored, renamed, and what to write instead',
  usage: 'preflight',
  examples: [
    ['What an upgrade makes of your Helm values', 'preflight --values values.yaml --to-version 1.20'],
    [
      'The same for two versions, with a value of the command line over the file’s',
      'preflight -f values.yaml --set bpf.masquerade=true --to-version 1.19,1.20',
    ],
  ],
  flags: { ...valuesFlags, ...targetFlags, ...formatFlag(preflightFormats), ...generalFlags },
  formats: preflightFormats,
  read: (given): PreflightOptions => ({
    ...speechOptions(given),
    values: valuesOptions(given),
    targets: targetBranches(given['to-version']),
    format: given.output,
  }),
  run: async (options, context) => (await import('../../app/preflight/preflight.ts')).preflight(options, context),
});
