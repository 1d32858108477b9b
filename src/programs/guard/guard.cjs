'use strict';
// A thread beside the program: it sees when the program takes more memory than it may, or is busy for so long that
// neither timers nor signals are looked at, and calls the program in the middle of what it does.
const { Session } = require('node:inspector');
const process = require('node:process');
const { workerData } = require('node:worker_threads');

const everyMs = 50;
/** So long without a beat, and signals are not looked at any more. */
const busyMs = 200;
/** So long, and the program does not keep its time by itself. */
const stuckMs = 1000;

// [0] counts up as long as timers run.
const beats = new Int32Array(workerData.beats);
// [0] bytes that the process may take, [1] when it has to be done, in milliseconds of the clock that all threads share.
const bounds = new Float64Array(workerData.bounds);

let lastBeat = -1;
let lastBeatAt = now();
let called = '';

function now() {
  return performance.timeOrigin + performance.now();
}

function call(why) {
  if (called === why) return;
  called = why;
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.evaluate', { expression: `globalThis[Symbol.for('kubectl-kpr guard')]('${why}')` }, () =>
    session.disconnect(),
  );
}

setInterval(() => {
  const beat = Atomics.load(beats, 0);
  if (beat !== lastBeat) {
    lastBeat = beat;
    lastBeatAt = now();
    called = '';
  }
  const silentMs = now() - lastBeatAt;
  if (process.memoryUsage.rss() > bounds[0]) call('memory');
  else if (silentMs > stuckMs && now() > bounds[1]) call('time');
  else if (silentMs > busyMs && called === '') call('busy');
}, everyMs);
