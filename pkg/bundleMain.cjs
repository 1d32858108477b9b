'use strict';
// What starts the bundle, by Node and in the single executable: the program, with V8's code for what it calls
// (writeCodeCache.ts). Node's own cache (useCodeCache of an executable) is made before anything has run, so that each
// function still had to be compiled when it was first called, 0.1 s of a `doctor`. Another version of Node than the one
// that made it compiles everything anew.
const { readFileSync } = require('node:fs');
const { getAsset, getRawAsset, isSea } = require('node:sea');
const { Script } = require('node:vm');

const base = __filename.replace(/\.cjs$/, '');
const program = isSea() ? getAsset('program', 'utf8') : readFileSync(`${base}.program.js`, 'utf8');
const cachedData = isSea() ? new Uint8Array(getRawAsset('codeCache')) : readFileSync(`${base}.code`);
new Script(program, { filename: 'kubectl-kpr.cjs', cachedData }).runInThisContext()(require, __filename);
