import { visible, visibleLines } from '../text/visible.ts';
import { versionLine } from './version.ts';

/** For what should never have been thrown. */
export function bugText(error: unknown, debug: boolean): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = debug && error instanceof Error ? visibleLines(error.stack ?? '').map((line) => `  ${line}`) : [];
  return [
    `Error: this is a bug in kubectl-kpr, not in your cluster: ${visible(message)}`,
    `  ${versionLine()}`,
    ...(debug ? stack : ['  Run the same command with --debug and report what it prints']),
    '',
  ].join('\n');
}
