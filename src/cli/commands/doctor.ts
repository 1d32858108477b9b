import type { ExamineOptions } from '../../app/examination.ts';
import { usageError } from '../../core/KprError.ts';
import { reportFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import type { Given } from '../Flag.ts';
import { connectFrom } from '../connectFrom.ts';
import {
  acceptFlags,
  connectFlags,
  connectionFlags,
  formatFlag,
  generalFlags,
  reportFlag,
  resultFlags,
  sampleFlags,
  sourceFlags,
  waitFlag,
  watchFlag,
} from '../flags.ts';
import { namespaceOf, readOptions, speechOptions } from '../options.ts';

/** Of every command that runs checks. */
export const examineFlags = {
  ...sourceFlags,
  ...resultFlags,
  ...acceptFlags,
  ...connectFlags,
  ...formatFlag(reportFormats),
  ...reportFlag(reportFormats),
  ...connectionFlags,
  ...generalFlags,
};

export const examineOptions = (
  given: Given<typeof examineFlags>,
): Omit<ExamineOptions, 'phase' | 'against' | 'wait' | 'repeat'> => ({
  ...readOptions(given),
  ...speechOptions(given),
  check: given.check,
  skip: given.skip.names,
  skipUntil: given.skip.suppressions,
  format: given.output,
  reports: given.report,
  failOn: given['fail-on'],
  strict: given.strict,
  allowUnknown: given['allow-unknown'],
  namespace: namespaceOf(given),
  suppressions: given.suppressions,
  baseline: baselineOf(given),
  saveBaseline: given['save-baseline'],
  connect: connectFrom(given),
});

function baselineOf(given: Given<typeof acceptFlags>): ExamineOptions['baseline'] {
  const { baseline: file, 'fail-on-new': failOnNew } = given;
  if (file !== undefined) return { file, failOnNew };
  if (failOnNew) throw usageError('--fail-on-new has a meaning with --baseline only');
  return undefined;
}

function repeatOf({
  watch: everyMs,
  from,
  connect,
  output,
}: Given<typeof examineFlags & typeof watchFlag>): ExamineOptions['repeat'] {
  if (everyMs === undefined) return { kind: 'once' };
  if (from !== undefined)
    throw usageError('--watch and --from exclude each other: a file stays as it is', 'Leave one of them out');
  if (connect)
    throw usageError(
      '--watch and --connect exclude each other: connections would be opened again and again',
      'Leave one of them out',
    );
  if (output.kind === 'document')
    throw usageError('--watch prints a table or lines', 'Keep a file up to date beside it: --report json=FILE');
  return { kind: 'watch', everyMs };
}

/** A run that is not told how to draw draws anew, and says how. */
function sampled<O extends ReturnType<typeof examineOptions>>(
  options: O,
  given: Given<typeof examineFlags & typeof sampleFlags>,
): O {
  const { sample: size, seed = Math.floor(Math.random() * 1_000_000_000) } = given;
  if (size === undefined) {
    if (given.seed !== undefined) throw usageError('--seed has a meaning with --sample only');
    return options;
  }
  if (given.node.length > 0) throw usageError('--sample and --node exclude each other', 'Leave one of them out');
  if (given.baseline !== undefined || given['save-baseline'] !== undefined)
    throw usageError(
      '--sample and baselines exclude each other: what is on nodes that were not looked at would seem to be gone',
      'Leave --sample out',
    );
  return { ...options, limits: { ...options.limits, sample: { size, seed } } };
}

/** In an incident: what is wrong, cause first. What could not be read is said, and does not fail the run by itself. */
export const doctor = defineCommand({
  describe: 'Find problems of kube-proxy replacement: what, where, why, and what to do',
  usage: 'doctor',
  examples: [
    ['What is wrong with the current cluster', 'doctor'],
    ['The same on a capture or a cilium sysdump', 'doctor --from cilium-sysdump-20261121-093000.zip'],
    ['Keep looking while you repair it', 'doctor --watch'],
    ['A quick look at 20 nodes of a large cluster', 'doctor --sample 20'],
    ['In a script: one JSON document, exit code 1 from warnings on', 'doctor --fail-on warning -o json'],
  ],
  flags: { ...examineFlags, ...sampleFlags, ...waitFlag, ...watchFlag },
  formats: reportFormats,
  read: (given): ExamineOptions => ({
    ...sampled(examineOptions(given), given),
    phase: 'doctor',
    against: undefined,
    wait: given.wait,
    repeat: repeatOf(given),
  }),
  run: async (options, context) => (await import('../../app/examine.ts')).examine(options, context),
});
