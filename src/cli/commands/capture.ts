import type { CaptureOptions } from '../../app/writeCapture.ts';
import { usageError } from '../../core/KprError.ts';
import { defineCommand } from '../Command.ts';
import { captureFlags, connectionFlags, generalFlags, sourceFlags } from '../flags.ts';
import { readOptions, speechOptions } from '../options.ts';

export const capture = defineCommand({
  describe: 'Write everything that the checks read to a file, for --from',
  usage: 'capture -o FILE',
  examples: [
    ['Before a change, to compare with later', 'capture -o before.kpr'],
    ['To another machine, without a file here', 'capture -o - | ssh HOST kubectl-kpr doctor --from -'],
    ['To pass on: with pseudonyms for names and public addresses', 'capture --redact -o case-4711.kpr'],
  ],
  flags: { ...captureFlags, ...sourceFlags, ...connectionFlags, ...generalFlags },
  read: (given): CaptureOptions => {
    const { output: file, redact } = given;
    if (file === undefined)
      throw usageError('capture needs a file to write', 'For example: kubectl kpr capture -o before.kpr');
    if (given['redact-key'] !== undefined && !redact)
      throw usageError('--redact-key has a meaning with --redact only', 'Without --redact the file holds every name');
    return {
      ...readOptions(given),
      ...speechOptions(given),
      file,
      overwrite: given.overwrite,
      maxBytes: given['max-size'],
      redact: redact ? { keyFile: given['redact-key'] } : undefined,
    };
  },
  run: async (options, context) => (await import('../../app/writeCapture.ts')).writeCapture(options, context),
});
