import type { ExecOutcome, ExecTarget } from '../collect/ClusterPort.ts';
import { KprError } from '../core/KprError.ts';
import { receiveCommand } from '../remedy/cleanup/receiveCommand.ts';
import type { Io } from '../terminal/Io.ts';
import { visibleLines } from '../text/visible.ts';
import type { Context } from './Context.ts';
import { type ClusterOptions, hostOf } from './openSource.ts';

/** Large tables of a slow node take a minute; a node that takes this long is in other trouble. */
const timeoutMs = 10 * 60_000;
const maxBytes = 16 * 1024 * 1024;

/**
 * Runs a clean-up script in a container and prints what it says as it comes. Gives the script's exit code (130: it was
 * interrupted) and what it said; throws KprError when how it ended is not known.
 */
export async function applyScript(
  script: string,
  { namespace, pod, container }: ExecTarget,
  { connection, via }: ClusterOptions,
  { io, loaders }: Context,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  // A node that has begun is waited for: the time of --timeout is that of reading.
  io.guard?.dueIn(Infinity);
  const port = await loaders.openPort(connection, via, hostOf(io));
  const interrupt = new AbortController();
  const stopListening = io.onInterrupt(() => interrupt.abort());
  const printer = linePrinter(io);
  try {
    const stdin = Buffer.from(script);
    const outcome = await port.exec({ namespace, pod, container }, receiveCommand(stdin.length), {
      timeoutMs,
      maxBytes,
      stdin,
      signal: interrupt.signal,
      onStdout: (chunk) => printer.take(chunk),
    });
    printer.end();
    for (const line of visibleLines(outcome.stderr)) if (line !== '') io.stderr.write(`${line}\n`);
    return { exitCode: exitCodeOf(outcome, pod, io), output: outcome.stdout };
  } finally {
    stopListening();
    await port.close();
  }
}

function exitCodeOf(outcome: ExecOutcome, pod: string, io: Io): number {
  const unknown = (why: string): never => {
    throw new KprError(
      `How the script in ${pod} ended is not known: ${why}`,
      'It finishes by itself, table by table; run kubectl kpr cleanup again to see what is left',
    );
  };
  switch (outcome.end) {
    case 'exited':
      return outcome.exitCode;
    case 'aborted':
      io.stderr.write(
        'Interrupted: what had begun goes on by itself on the node; kubectl kpr cleanup shows what is left.\n',
      );
      return 130;
    case 'failed':
      throw new KprError(`Nothing was run in ${pod}: ${outcome.message}`, 'Nothing was changed');
    case 'refused':
      throw new KprError(`exec in ${pod} was refused: ${outcome.message}`, 'Nothing was changed');
    case 'dropped':
      return unknown(outcome.message);
    case 'timeout':
      return unknown(`no word within ${outcome.afterMs / 60_000} minutes`);
    case 'tooLarge':
      return unknown('it says more than is believable');
    case 'unreachable':
      return unknown(outcome.message);
    default:
      return outcome satisfies never;
  }
}

/** Whole lines as they come, without what a terminal would act on. */
function linePrinter(io: Io): { take(chunk: Uint8Array): void; end(): void } {
  const decoder = new TextDecoder();
  let rest = '';
  const print = (text: string): void => {
    for (const line of visibleLines(text)) io.stdout.write(`${line}\n`);
  };
  return {
    take(chunk) {
      rest += decoder.decode(chunk, { stream: true });
      const end = rest.lastIndexOf('\n');
      if (end === -1) return;
      print(rest.slice(0, end));
      rest = rest.slice(end + 1);
    },
    end() {
      if (rest !== '') print(rest);
      rest = '';
    },
  };
}
