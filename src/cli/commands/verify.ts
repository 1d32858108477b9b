import type { Args } from '../args.ts';
import { examine } from '../examine.ts';
import type { Io } from '../Io.ts';
import type { Modules } from '../Modules.ts';

/** A gate: all that `doctor` does, and nothing may stay unknown (exit 3). */
export const verify = async (args: Args, io: Io, modules: Modules): Promise<number> =>
  examine('verify', args, io, modules);
