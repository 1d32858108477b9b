import type { DiffOptions } from '../../app/diffReadings.ts';
import { usageError } from '../../core/KprError.ts';
import { diffFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import { type Flag, positional, type Given } from '../Flag.ts';
import { comparedFlags, connectionFlags, diffFlags, formatFlag, generalFlags, reportFlag } from '../flags.ts';
import { clusterOptions, limitsOf, namespaceOf, speechOptions } from '../options.ts';

const file = positional((name) => ({ kind: 'archive', file: name }) as const);

/** A variable that is not set would otherwise stand for the cluster. */
const otherFile: typeof file = {
  ...file,
  read: (typed, name) => {
    if (typed === '')
      throw usageError('The second capture’s name is empty', 'Leave it out to compare with the cluster as it is now');
    return file.read(typed, name);
  },
};

const flags = {
  before: file,
  after: otherFile,
  ...diffFlags,
  ...comparedFlags,
  ...formatFlag(diffFormats),
  ...reportFlag(diffFormats),
  ...connectionFlags,
  ...generalFlags,
} satisfies Readonly<Record<string, Flag<unknown>>>;

export const diff = defineCommand({
  describe: 'Show what changed since a capture: iptables rules, settings, and the backends that Services reach',
  usage: 'diff BEFORE [AFTER]',
  examples: [
    ['What changed since a capture', 'diff before.kpr'],
    ['What changed between two captures, as a unified diff of the rules', 'diff before.kpr after.kpr -U 3'],
  ],
  flags,
  formats: diffFormats,
  read: (given): DiffOptions => ({
    ...speechOptions(given),
    ...sidesOf(given),
    limits: limitsOf(given, false),
    namespace: namespaceOf(given),
    allowMismatch: given['allow-mismatch'],
    as: shapeOf(given),
    reports: given.report,
  }),
  run: async (options, context) => (await import('../../app/diffReadings.ts')).diffReadings(options, context),
});

function sidesOf(given: Given<typeof flags>): Pick<DiffOptions, 'before' | 'after'> {
  const { before, after, live } = given;
  if (before === undefined)
    throw usageError(
      'diff needs a capture to compare with',
      'For example: kubectl kpr diff before.kpr, or diff before.kpr after.kpr',
    );
  if (after !== undefined && live)
    throw usageError(
      '--live and a second capture exclude each other',
      'Leave one of them out; without a second capture the cluster is read',
    );
  return { before, after: after ?? clusterOptions(given) };
}

function shapeOf({ unified, output }: Given<typeof flags>): DiffOptions['as'] {
  if (unified === undefined) return { kind: 'document', format: output };
  if (output.kind === 'document')
    throw usageError(
      '--unified and -o exclude each other',
      'The document of -o holds every rule that was removed or added',
    );
  return { kind: 'unified', lines: unified };
}
