import type { Args } from '../args.ts';
import { examine } from '../examine.ts';
import type { Io } from '../Io.ts';
import type { Modules } from '../Modules.ts';

/** In an incident: what is wrong, cause first. What could not be read is said, and does not fail the run by itself. */
export const doctor = async (args: Args, io: Io, modules: Modules): Promise<number> =>
  examine('doctor', args, io, modules);
