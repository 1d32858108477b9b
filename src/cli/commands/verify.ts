import type { ExamineOptions } from '../../app/examination.ts';
import { reportFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import { usageError } from '../../core/KprError.ts';
import { againstFlag, gateWaitFlag } from '../flags.ts';
import { examineFlags, examineOptions } from './doctor.ts';

/**
 * A gate: all that `doctor` does, and nothing may stay unknown (exit 3); with `--against`, every Service that was there
 * then has to reach the same backends as it did through kube-proxy.
 */
export const verify = defineCommand({
  describe: 'Verify that every node serves every Service as the API requires; a gate for scripts and CI',
  usage: 'verify',
  examples: [
    ['A gate: exit code 0 only if all was judged and nothing is wrong', 'verify'],
    ['After an upgrade: look again until it is passed, for five minutes at most', 'verify --wait=5m'],
    ['Every Service reaches the same backends as it did through kube-proxy', 'verify --against before.kpr'],
  ],
  flags: { ...againstFlag, ...examineFlags, ...gateWaitFlag },
  refuses: {
    sample:
      '--sample is not for verify: a gate that looks at some nodes only says nothing of the others (doctor takes it)',
  },
  formats: reportFormats,
  read: (given): ExamineOptions => {
    const { from, against, wait } = given;
    if (wait.gateMs !== undefined && from !== undefined)
      throw usageError('--wait and --from exclude each other: a file stays as it is', 'Leave one of them out');
    return {
      ...examineOptions(given),
      phase: 'verify',
      against,
      wait: wait.settle,
      repeat: wait.gateMs === undefined ? { kind: 'once' } : { kind: 'untilPassed', ms: wait.gateMs },
    };
  },
  run: async (options, context) => (await import('../../app/examine.ts')).examine(options, context),
});
