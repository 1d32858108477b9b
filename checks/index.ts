import type { AnyCheck } from '../src/core/Check.ts';
import { socketLbAttached } from './agents/socketLbAttached.ts';

/** The rule book, in the order of causes: an earlier check's finding often explains a later one's. */
export const checks: readonly AnyCheck[] = [
  // agents
  socketLbAttached,
];
