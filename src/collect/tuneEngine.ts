import { setFlagsFromString } from 'node:v8';

// All at run time, because V8 takes a code cache only where its flags are those with which it was made: the program's
// own, and those of Node's modules that are loaded later. Each of these is looked at anew whenever it matters.

/** A small cluster's answers are less than this together: such a run ends before tidying up would be worth its time. */
const muchBytes = 1024 * 1024;
/** As long as answers of no more nodes are less than this together, garbage of twice what is alive has its room. */
const tooMuchBytes = 32 * 1024 * 1024;
const manyNodes = 200;
/** One answer that may hold more than it seems to. */
const largeBytes = 128 * 1024;
let answeredBytes = 0;
/** How many are asked of a cluster; undefined: none is, or nobody knows yet. */
let nodes: number | undefined;
let onMuch = (): void => {};

/** Calls back when an answer, or all together, are not those of a small cluster. */
export function whenMuchIsAnswered(listener: () => void): void {
  onMuch = listener;
}

/**
 * When a connection stands, and all of Node that a run needs is loaded: leaves out the work for a long life, which
 * takes processor time from what the run waits for. The HTTP parser (WebAssembly, one function of 34 kB) is not
 * compiled a second time, which takes 50 ms and 20 MB, and what is alive is not marked while nothing is short of
 * memory, 40 ms.
 */
export function expectShortRun(): void {
  if (answeredBytes >= muchBytes) return;
  setFlagsFromString('--wasm-tiering-budget=2000000000');
  setFlagsFromString('--no-incremental-marking');
}

/**
 * Before values are judged, once all that judges them is loaded: the room for what is new grows at once to what that
 * takes, instead of being tidied up every megabyte, and what is alive is not marked. A tenth of their time.
 */
export function expectGarbageOnly(): void {
  setFlagsFromString('--semi-space-growth-factor=16');
  setFlagsFromString('--no-incremental-marking');
}

/** Before so many nodes are asked. */
export function expectNodes(count: number): void {
  nodes = Math.max(count, nodes ?? 0);
}

/**
 * Before an answer is taken apart; once there were many or large ones, lets V8 tidy up when garbage is a third of what
 * is alive, rather than three times as much: nearly all of an answer is garbage once it is parsed. Few nodes are spared
 * most of that, which would be a fifth of their processor time.
 */
export function expectGarbageOf(bytes: number): void {
  if (bytes > largeBytes) onMuch();
  answeredBytes += bytes;
  if (answeredBytes < muchBytes) return;
  onMuch();
  setFlagsFromString('--incremental-marking');
  setFlagsFromString(`--heap-growing-percent=${isOfFew() ? 200 : 30}`);
  setFlagsFromString(`--semi-space-growth-factor=${isOfFew() ? 4 : 1}`);
}

const isOfFew = (): boolean => nodes !== undefined && nodes <= manyNodes && answeredBytes < tooMuchBytes;

/**
 * Before all that was read of a large cluster is judged in one go: nobody waits for answers any more, so V8 tidies up
 * as soon as a tenth of what is alive is garbage, and stops for it. A thousand nodes take 25 MB less by it.
 */
export function expectJudging(): void {
  if (answeredBytes < muchBytes || isOfFew()) return;
  setFlagsFromString('--no-incremental-marking');
  setFlagsFromString('--heap-growing-percent=10');
}
