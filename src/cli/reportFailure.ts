import { KprError } from '../core/KprError.ts';
import { renderJson } from '../report/renderJson.ts';
import { type ErrorDocument, schemaVersion, toolName } from '../report/ReportDocument.ts';
import { bugText } from '../terminal/bugText.ts';
import type { Io } from '../terminal/Io.ts';
import { visible, visibleLines } from '../text/visible.ts';
import { InterruptedError } from './InterruptedError.ts';

/** Says why nothing could be answered, on stderr for people and with `-o json` on stdout for programs. Gives the exit code. */
export function reportFailure(
  error: unknown,
  argv: readonly string[],
  command: string | undefined,
  io: Io,
  version: string,
): number {
  const isDebug = argv.includes('--debug');
  const exitCode = error instanceof InterruptedError ? 130 : 2;
  io.stderr.write(error instanceof KprError ? known(error, isDebug) : bugText(error, isDebug));
  if (wantsJson(argv) && command !== 'capture' && command !== 'cleanup') {
    const document: ErrorDocument = {
      schemaVersion,
      tool: { name: toolName, version },
      command: command ?? null,
      verdict: 'error',
      exitCode,
      error:
        error instanceof KprError
          ? { message: error.message, hint: error.hint }
          : {
              message: `Bug in kubectl-kpr: ${String(error)}`,
              hint: 'Run the same command with --debug and report what it prints',
            },
    };
    io.stdout.write(renderJson(document));
  }
  return exitCode;
}

function known(error: KprError, isDebug: boolean): string {
  const hint = error.hint === '' ? [] : visibleLines(error.hint).map((line) => `  ${line}`);
  const stack = isDebug ? visibleLines(stackOf(error)).map((line) => `  ${line}`) : [];
  return [`Error: ${visible(error.message)}`, ...hint, ...stack, ''].join('\n');
}

const stackOf = (error: Error): string =>
  (error.stack ?? '') + (error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '');

/** Flags may not have been understood when something fails, so this looks at what was typed. */
const wantsJson = (argv: readonly string[]): boolean =>
  argv.some(
    (arg, i) =>
      /^(-o|-o=|--output=)json$/.test(arg) || ((arg === '-o' || arg === '--output') && argv[i + 1] === 'json'),
  );
