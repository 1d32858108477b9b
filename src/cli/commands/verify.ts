import type { ExamineOptions } from '../../app/examine.ts';
import { reportFormats } from '../../report/formats.ts';
import { defineCommand } from '../Command.ts';
import { againstFlag } from '../flags.ts';
import { examineFlags, examineOptions } from './doctor.ts';

/**
 * A gate: all that `doctor` does, and nothing may stay unknown (exit 3); with `--against`, every Service that was there
 * then has to reach the same backends as it did through kube-proxy.
 */
export const verify = defineCommand({
  describe: 'Prove that every node serves every Service as the API requires; a gate with an exit code',
  flags: { ...againstFlag, ...examineFlags },
  formats: reportFormats,
  read: (given): ExamineOptions => ({ ...examineOptions(given), phase: 'verify', against: given.against }),
  run: async (options, context) => (await import('../../app/examine.ts')).examine(options, context),
});
