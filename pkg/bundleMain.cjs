'use strict';
// What starts the bundle, by Node and in the single executable: the program, with V8's code for what it calls
// (writeCodeCache.ts). Node's own cache (useCodeCache of an executable) is made before anything has run, so that each
// function still had to be compiled when it was first called, 0.1 s of a `doctor`. Another version of Node than the one
// that made it compiles everything anew.
const { readFileSync } = require('node:fs');
const { getAsset, getRawAsset, isSea } = require('node:sea');
const { Script } = require('node:vm');

const base = __filename.replace(/\.cjs$/, '');
const text = (name) => (isSea() ? getAsset(name, 'utf8') : readFileSync(`${base}.${name}`, 'utf8'));
const bytes = (name) => (isSea() ? new Uint8Array(getRawAsset(name)) : readFileSync(`${base}.${name}`));

/** Which code is wanted; where that is not foreseen, some is missing, and made when it is called. */
function codeFor([command, ...words]) {
  const has = (word) => words.some((one) => one === word || one.startsWith(`${word}=`));
  const isOfValues = (has('--values') || has('-f')) && !['--from', '--against', '--change'].some(has);
  const isBrief =
    command === undefined ||
    command.startsWith('-') ||
    ['__complete', 'checks', 'completion', 'explain', 'help', 'version'].includes(command) ||
    (command === 'preflight' && isOfValues) ||
    has('--help');
  return isBrief ? 'brief.code' : 'reading.code';
}

const source = Buffer.from(bytes('program.js')).latin1Slice();
const cachedData = bytes(codeFor(process.argv.slice(2)));
const program = new Script(source, { filename: 'kubectl-kpr.cjs', cachedData }).runInThisContext();
program(require, __filename, text);
