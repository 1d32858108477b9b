import { helpHint, InterruptedError, KprError, UnwrittenError } from '../core/KprError.ts';
import { exitCodes } from '../core/verdict.ts';
import type { AnyFormat } from '../report/formats.ts';
import { schemaVersion, toolName } from '../report/DocumentHead.ts';
import type { ErrorDocument } from '../report/ReportDocument.ts';
import type { Io } from '../terminal/Io.ts';
import { programOf } from '../terminal/streamStyle.ts';
import { bugText, toolVersion } from '../terminal/tool.ts';
import { calledBy } from '../text/calledBy.ts';
import { visible, visibleLines } from '../text/visible.ts';
import { formatTyped, reportsTyped } from './commandLine.ts';

/**
 * Says why nothing could be answered, on stderr for people, and in the format for programs that was asked for. Gives
 * the exit code.
 */
export async function reportFailure(
  error: unknown,
  argv: readonly string[],
  command: string | undefined,
  io: Io,
): Promise<number> {
  return (await failureTeller(argv, command, io))(error);
}

/** The same with all that it needs loaded already. */
export async function failureTeller(
  argv: readonly string[],
  command: string | undefined,
  io: Io,
): Promise<(error: unknown) => number> {
  const isDebug = argv.includes('--debug');
  const { program } = programOf(io.env);
  const failure = await failureOf(formatTyped(argv));
  const files = await failureFiles(argv);
  return (error) => {
    const exitCode = error instanceof InterruptedError ? exitCodes.interrupted : exitCodes.couldNotRun;
    const said = error instanceof KprError ? known(error, command, isDebug) : bugText(error, isDebug);
    const words = program === undefined ? said : calledBy(program, said);
    const document = documentOf(error, command, exitCode);
    io.stderr.write(words);
    if (error instanceof UnwrittenError) return exitCode;
    for (const write of files) write(document, words);
    if (failure !== undefined) io.stdout.write(failure(document));
    return exitCode;
  };
}

/** undefined: it is told in words. */
const failureOf = async (format: AnyFormat | undefined): Promise<((document: ErrorDocument) => string) | undefined> =>
  format?.kind === 'document' ? (await format.load()).failure : undefined;

/** Each file of --report says so, too: what an earlier run left there would be taken for the answer. */
async function failureFiles(
  argv: readonly string[],
): Promise<readonly ((document: ErrorDocument, words: string) => void)[]> {
  const reports = reportsTyped(argv);
  if (reports.length === 0) return [];
  const { tryReport } = await import('../app/reportFiles.ts');
  return Promise.all(
    reports.map(async ({ format, file }) => {
      const failure = await failureOf(format);
      return (document: ErrorDocument, words: string) => tryReport(file, failure?.(document) ?? words, argv);
    }),
  );
}

const documentOf = (
  error: unknown,
  command: string | undefined,
  exitCode: ErrorDocument['exitCode'],
): ErrorDocument => ({
  schemaVersion,
  tool: { name: toolName, version: toolVersion },
  command: command ?? null,
  verdict: 'error',
  exitCode,
  error:
    error instanceof KprError
      ? { message: error.message, hint: hintOf(error, command) }
      : {
          message: `Bug in kubectl-kpr: ${String(error)}`,
          hint: 'Run the same command with --debug and report what it prints',
        },
});

/** What only says where the help is leads to that of the command. */
const hintOf = ({ hint }: KprError, command: string | undefined): string =>
  hint === helpHint() ? helpHint(command) : hint;

function known(error: KprError, command: string | undefined, isDebug: boolean): string {
  const hint = hintOf(error, command);
  const hints = hint === '' ? [] : visibleLines(hint).map((line) => `  ${line}`);
  const stack = isDebug ? visibleLines(stackOf(error)).map((line) => `  ${line}`) : [];
  return [`Error: ${visible(error.message)}`, ...hints, ...stack, ''].join('\n');
}

const stackOf = (error: Error): string =>
  (error.stack ?? '') + (error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '');
