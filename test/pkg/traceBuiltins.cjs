// Preloaded with --require: writes the names of all modules of Node that a bundle asks for on file descriptor 3.
const { writeSync } = require('node:fs');
const Module = require('node:module');

const load = Module._load;
Module._load = function (name, ...others) {
  writeSync(3, `${name}\n`);
  return load.call(this, name, ...others);
};
