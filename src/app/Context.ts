import type { Io } from '../terminal/Io.ts';
import type { Loaders } from './Loaders.ts';

/** What a command works with, beside its options: the process around it, and what is loaded when it is needed. */
export interface Context {
  readonly io: Io;
  readonly loaders: Loaders;
}
