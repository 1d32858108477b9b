import { guardProgram } from '../programs/programs.ts';
import { type Fail, Guard } from './Guard.ts';
import type { Io } from './Io.ts';

export const newGuard = (fail: Fail, io: Io): Guard =>
  new Guard(guardProgram, fail, () => io.hearsInterrupts?.() === true);
