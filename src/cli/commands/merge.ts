import type { ExamineOptions } from '../../app/examination.ts';
import { usageError } from '../../core/KprError.ts';
import { reportFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import { only, positionals } from '../Flag.ts';
import {
  acceptFlags,
  connectionFlags,
  formatFlag,
  generalFlags,
  mergeFlags,
  reportFlag,
  resultFlags,
  sourceFlags,
} from '../flags.ts';
import { clusterOptions } from '../options.ts';
import { examineOptions } from './doctor.ts';

const flags = {
  files: positionals,
  ...mergeFlags,
  ...only(sourceFlags, 'via', 'cilium-namespace', 'timeout'),
  ...resultFlags,
  ...acceptFlags,
  ...formatFlag(reportFormats),
  ...reportFlag(reportFormats),
  ...connectionFlags,
  ...generalFlags,
};

/** The gate of `verify` over what shards have read. */
export const mergeCommand = defineCommand({
  describe: 'Make one report of what the shards of a job have read, as one verify of the whole cluster would give it',
  usage: 'merge --job NAME | merge FILE…',
  examples: [
    ['The shards of a Job that has ended', 'merge --job kubectl-kpr-verify'],
    ['The same as soon as it has', 'merge --job kubectl-kpr-verify --wait'],
    ['The same of logs that were kept', 'merge shard-0.json shard-1.json shard-2.json'],
  ],
  flags,
  formats: reportFormats,
  read: (given): ExamineOptions => {
    const { files, job } = given;
    if (job === undefined && files.length === 0)
      throw usageError('merge needs the logs of shards', 'For example: kubectl kpr merge --job kubectl-kpr-verify');
    if (job !== undefined && files.length > 0)
      throw usageError('--job and files exclude each other', 'Leave one of them out');
    if (job === undefined && given['job-namespace'] !== undefined)
      throw usageError('--job-namespace has a meaning with --job only');
    if (job === undefined && given.wait) throw usageError('--wait has a meaning with --job only: files are there');
    const options = examineOptions({ ...given, ...notOfFiles });
    return {
      ...options,
      source: {
        kind: 'shards',
        from:
          job === undefined
            ? { kind: 'files', files }
            : {
                kind: 'job',
                name: job,
                namespace: given['job-namespace'] ?? 'kube-system',
                wait: given.wait ? { tells: options.verbosity !== 'quiet', atMostMs: given.timeout } : undefined,
              },
        cluster: clusterOptions(given),
      },
      phase: 'verify',
      against: undefined,
      wait: false,
      repeat: { kind: 'once' },
    };
  },
  run: async (options, context) => (await import('../../app/examine.ts')).examine(options, context),
});

/** Nothing is asked of nodes any more. */
const notOfFiles = {
  from: undefined,
  node: [],
  concurrency: undefined,
  'node-timeout': 0,
  probe: true,
  connect: false,
  source: [],
  'probe-pod': false,
} as const;
