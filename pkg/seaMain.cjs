'use strict';
// What the single executable starts: the program, with the code cache of pkg/writeCodeCache.ts. Node's own (useCodeCache of a
// single executable) is made before anything has run, so that each function still had to be compiled when it was first called,
// 0.1 s of a `doctor`.
const { getAsset, getRawAsset } = require('node:sea');
const { Script } = require('node:vm');

const program = new Script(getAsset('program', 'utf8'), {
  filename: 'kubectl-kpr.cjs',
  cachedData: new Uint8Array(getRawAsset('codeCache')),
});
program.runInThisContext()(require, __filename);
