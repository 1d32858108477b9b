'use strict';
// A thread beside the program: it sees when the program takes more memory than it may, or is busy for so long that
// neither timers nor signals are looked at, and calls the program in the middle of what it does. Ctrl-C comes to this
// thread (in the program it would wait behind whatever is being done), and is passed on.
const { Session } = require('node:inspector');
const process = require('node:process');
const { Script } = require('node:vm');
const { workerData } = require('node:worker_threads');

/** A loop that fills the memory does it by a gigabyte a second. */
const everyMs = 20;
/** So long without a beat, and the program does not look at signals any more. */
const busyMs = 200;
/** So long, and the program does not keep its time by itself. */
const stuckMs = 300;

// Counts up as long as timers run.
const beats = new Int32Array(workerData.beats);
// [0] bytes that the process may take, [1] when it has to be done, in milliseconds of the clock that all threads share,
// [2] 1 once it is interrupted, [3] 1 while it has something to put in order: then only memory and a second Ctrl-C end
// it.
const bounds = new Float64Array(workerData.bounds);
const never = new Int32Array(new SharedArrayBuffer(4));

let lastBeat = -1;
let lastBeatAt = now();
let called = '';

function now() {
  return performance.timeOrigin + performance.now();
}

function call(why) {
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.evaluate', { expression: `globalThis[Symbol.for('kubectl-kpr guard')]('${why}')` });
  // Behind the call, in one queue: a session that is open when the program ends is waited for.
  session.disconnect();
}

function callOnce(why) {
  if (called !== why) call(why);
  called = why;
}

function look() {
  const beat = Atomics.load(beats, 0);
  if (beat !== lastBeat) {
    lastBeat = beat;
    lastBeatAt = now();
    called = '';
  }
  const silentMs = now() - lastBeatAt;
  if (process.memoryUsage.rss() > bounds[0]) callOnce('memory');
  else if (bounds[3] === 1) return;
  else if (silentMs > stuckMs && now() > bounds[1]) callOnce(bounds[2] === 1 ? 'interrupted' : 'time');
  else if (silentMs > busyMs && called === '') callOnce('busy');
}

function onInterrupt() {
  if (bounds[2] === 1 && now() - lastBeatAt > stuckMs) {
    // The second, and nobody heard the first.
    callOnce('interrupted');
    return;
  }
  bounds[2] = 1;
  bounds[1] = Math.min(bounds[1], now() + workerData.overrunMs);
  call('signal');
}

// A script that Ctrl-C interrupts takes that signal for the process, in whatever thread it runs: so it never ends.
globalThis.watch = () => {
  for (;;) {
    Atomics.wait(never, 0, 0, everyMs);
    look();
  }
};
const watching = new Script('watch()');
for (;;) {
  try {
    watching.runInThisContext({ breakOnSigint: true });
  } catch (error) {
    if (error.code !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw error;
    onInterrupt();
  }
}
