import { Chalk } from 'chalk';
import type { Style } from '../text/Style.ts';
import type { Io, OutputStream } from './Io.ts';
import { showsUnicode } from './showsUnicode.ts';

export type ColorFlag = 'auto' | 'always' | 'never';

const minimalWidth = 40;

/** What one stream can show. stdout and stderr are asked separately: one may be a file. */
export function streamStyle(
  stream: OutputStream,
  { env, platform }: Pick<Io, 'env' | 'platform'>,
  color: ColorFlag,
): Style {
  const chalk = new Chalk({ level: hasColor(stream, env, color) ? 1 : 0 });
  return {
    // A terminal may report 0 columns (`docker -t` without a size).
    width: stream.isTTY ? Math.max(stream.columns || Number(env['COLUMNS']) || 80, minimalWidth) : undefined,
    unicode: showsUnicode(env, platform),
    ...programOf(env),
    paint: {
      error: chalk.red,
      warning: chalk.yellow,
      info: chalk.cyan,
      ok: chalk.green,
      unknown: chalk.magenta,
      dim: chalk.dim,
      bold: chalk.bold,
    },
  };
}

/** `npm start` says so (pkg/start.mjs): the commands that are printed are to work there. */
export const programOf = (env: Io['env']): Pick<Style, 'program'> =>
  env['KPR_NPM_START'] === '1' ? { program: 'npm start --' } : {};

/** chalk heeds neither NO_COLOR nor CLICOLOR_FORCE, and its own detection looks at stdout only. */
export function hasColor(stream: OutputStream, env: Io['env'], color: ColorFlag): boolean {
  if (color !== 'auto') return color === 'always';
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return !['0', 'false'].includes(env['FORCE_COLOR']);
  if (!['0', '', undefined].includes(env['CLICOLOR_FORCE'])) return true;
  return env['TERM'] !== 'dumb' && stream.isTTY === true;
}
