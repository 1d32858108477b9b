import packageJson from '../../package.json' with { type: 'json' };
import { versionText } from '../text/versionText.ts';
import { visible, visibleLines } from '../text/visible.ts';

export const toolVersion: string = packageJson.version;

export const nodeVersion = process.version;
export const platform = `${process.platform}-${process.arch}`;

export const versionLine = (): string => versionText('kubectl-kpr', toolVersion, nodeVersion, platform);

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
