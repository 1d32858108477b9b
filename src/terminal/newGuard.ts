import { guardProgram } from '../programs/programs.ts';
import { type Fail, Guard } from './Guard.ts';

export const newGuard = (fail: Fail): Guard => new Guard(guardProgram, fail);
