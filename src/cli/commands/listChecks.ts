import { renderCheckList } from '../../report/renderCheckList.ts';
import { renderJson } from '../../report/renderJson.ts';
import { type Args, stringOf } from '../args.ts';
import { colorOf } from '../colorOf.ts';
import type { Io } from '../../terminal/Io.ts';
import type { Loaders } from '../../app/Loaders.ts';
import { streamStyle } from '../../terminal/streamStyle.ts';

/** The rule book, for `--check` and `--skip`. */
export async function listChecks(args: Args, io: Io, loaders: Loaders): Promise<number> {
  const checks = await loaders.checks();
  const asJson = (): string =>
    renderJson(checks.map(({ id, title, area, phases, codes }) => ({ id, title, area, phases, codes })));
  const style = streamStyle(io.stdout, io, colorOf(args));
  io.stdout.write(stringOf(args, 'output') === 'json' ? asJson() : renderCheckList(checks, style));
  return 0;
}
