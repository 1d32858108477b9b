import type { PreflightOptions } from '../../app/preflight/preflight.ts';
import { preflightFormats } from '../../report/formats.ts';
import { usageError } from '../../core/KprError.ts';
import { defineCommand } from '../Command.ts';
import type { Flags, Given } from '../Flag.ts';
import { fixFlags, formatFlag, generalFlags, targetFlags, valuesFlags } from '../flags.ts';
import { speechOptions, targetBranches, valuesOptions } from '../options.ts';

const flags = {
  ...valuesFlags,
  ...fixFlags,
  ...targetFlags,
  ...formatFlag(preflightFormats),
  ...generalFlags,
} satisfies Flags;

export const preflightCommand = defineCommand({
  describe:
    'Say before an upgrade what becomes of your Helm values: refused, ignored, renamed, and what to write instead',
  usage: 'preflight',
  examples: [
    ['What an upgrade makes of your Helm values', 'preflight --values values.yaml --to-version 1.20'],
    ['What to change in it, as a unified diff', 'preflight --values values.yaml --to-version 1.20 --fix'],
    [
      'The same for two versions, with a value of the command line over the file’s',
      'preflight -f values.yaml --set bpf.masquerade=true --to-version 1.19,1.20',
    ],
  ],
  flags,
  formats: preflightFormats,
  read: (given): PreflightOptions => ({
    ...speechOptions(given),
    values: valuesOptions(given),
    targets: targetBranches(given['to-version']),
    as: shapeOf(given),
  }),
  run: async (options, context) => (await import('../../app/preflight/preflight.ts')).preflight(options, context),
});

function shapeOf({ fix, write, output, values }: Given<typeof flags>): PreflightOptions['as'] {
  if (write && !fix) throw usageError('--write goes with --fix', 'Look at what --fix prints first');
  if (!fix) return { kind: 'document', format: output };
  if (output.kind === 'document')
    throw usageError('--fix and -o exclude each other', 'The document of -o says of each key what to write instead');
  if (write && values.includes('-'))
    throw usageError('--write cannot change standard input', 'Leave it out, and apply the diff to the file');
  return { kind: 'fix', writes: write };
}
