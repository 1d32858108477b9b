import type { ReportDocument } from '../report/ReportDocument.ts';
import type { Context } from './Context.ts';
import { type Examined, type ExamineOptions, openExamination } from './examination.ts';
import { saveBaseline } from './judgeFindings.ts';
import { print, viewOf } from './print.ts';
import { writeAndAnswer, writeReports } from './reportFiles.ts';

/**
 * Reads a cluster or an archive, runs a phase's checks on it and prints the report. Gives the exit
 * code; throws KprError.
 */
export async function examine(options: ExamineOptions, context: Context): Promise<number> {
  const { repeat, format, reports } = options;
  const { io } = context;
  const look = await openExamination(options, context);
  if (repeat.kind === 'watch') {
    const { watch } = await import('./watch.ts');
    const keep = async (report: ReportDocument): Promise<void> => writeReports(report, reports, viewOf(options, io));
    const last = await watch({ look, everyMs: repeat.everyMs, keep }, options, context);
    if (options.saveBaseline !== undefined) saveBaseline(options.saveBaseline, last);
    return last.exitCode;
  }
  const report = await reportOf(repeat, look, options, context);
  if (report.verdict === 'interrupted' && options.verbosity !== 'quiet')
    io.stderr.write('Interrupted: this is what was known by then, the rest is unknown.\n');
  const view = viewOf(options, io);
  const write = async (): Promise<void> => {
    await writeReports(report, reports, view);
    if (options.saveBaseline !== undefined) saveBaseline(options.saveBaseline, report);
  };
  await writeAndAnswer(write, () => print(report, format, view, io));
  return report.exitCode;
}

async function reportOf(
  repeat: Exclude<ExamineOptions['repeat'], { readonly kind: 'watch' }>,
  look: () => Promise<Examined>,
  options: ExamineOptions,
  context: Context,
): Promise<ReportDocument> {
  switch (repeat.kind) {
    case 'once':
      return (await look()).report;
    case 'untilPassed': {
      const { untilPassed } = await import('./untilPassed.ts');
      return untilPassed(look, repeat.ms, options, context);
    }
    default:
      return repeat satisfies never;
  }
}
