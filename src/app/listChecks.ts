import { checkListFormats } from '../report/formats.ts';
import type { Context } from './Context.ts';
import { print, type SpeechOptions, viewOf } from './print.ts';

export interface ListOptions extends SpeechOptions {
  readonly format: keyof typeof checkListFormats;
}

/** The rule book, for `--check` and `--skip`. */
export async function listChecks(options: ListOptions, { io, loaders }: Context): Promise<number> {
  const checks = await loaders.checks();
  const listings = checks.map(({ id, title, area, phases, codes }) => ({ id, title, area, phases, codes }));
  await print(listings, checkListFormats[options.format], viewOf(options, io), io);
  return 0;
}
