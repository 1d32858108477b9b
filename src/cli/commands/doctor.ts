import type { Args } from '../args.ts';
import { examine } from '../../app/examine.ts';
import type { Io } from '../../terminal/Io.ts';
import type { Loaders } from '../../app/Loaders.ts';

/** In an incident: what is wrong, cause first. What could not be read is said, and does not fail the run by itself. */
export const doctor = async (args: Args, io: Io, loaders: Loaders): Promise<number> =>
  examine('doctor', args, io, loaders);
