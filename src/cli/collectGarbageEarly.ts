import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 tidy up when garbage is half of what is alive, rather than three times as much: nearly all of a node's answers is
 * garbage once it is parsed. The reading of 100 nodes takes 40 % more processor time and 240 instead of 420 MB by it.
 *
 * At run time, because with flags at its start V8 refuses the code cache of the single executable, which then starts in twice
 * the time. Both are looked at anew in each collection.
 */
export function collectGarbageEarly(): void {
  setFlagsFromString('--heap-growing-percent=50');
  setFlagsFromString('--semi-space-growth-factor=1');
}
