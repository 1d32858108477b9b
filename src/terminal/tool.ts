import packageJson from '../../package.json' with { type: 'json' };
import { visible, visibleLines } from '../text/visible.ts';

export const toolVersion: string = packageJson.version;

/** One line: what a bug report needs. */
export const versionLine = (): string =>
  `kubectl-kpr ${toolVersion} (Node ${process.version}, ${process.platform}-${process.arch})`;

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
