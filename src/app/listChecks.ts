import { runnableAmong } from '../core/Phase.ts';
import type { Format } from '../report/formats.ts';
import type { CheckListing } from '../report/renderCheckList.ts';
import type { Context } from './Context.ts';
import { print, type SpeechOptions, viewOf } from './print.ts';

export interface CheckListOptions extends SpeechOptions {
  readonly format: Format<readonly CheckListing[]>;
}

/** The rule book, for `--check` and `--skip`. */
export async function listChecks(options: CheckListOptions, { io, loaders }: Context): Promise<number> {
  const checks = await loaders.checks();
  const listings = checks.flatMap(({ id, title, area, phases: all, codes }): CheckListing[] => {
    const phases = runnableAmong(all);
    return phases.length === 0 ? [] : [{ id, title, area, phases, codes }];
  });
  await print(listings, options.format, viewOf(options, io), io);
  return 0;
}
