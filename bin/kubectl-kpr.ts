#!/usr/bin/env node
import { main } from '../src/cli/main.ts';
import { processIo, reportBugs } from '../src/terminal/processIo.ts';

const argv = process.argv.slice(2);
reportBugs(argv.includes('--debug'));
void main(argv, processIo()).then((exitCode) => {
  process.exitCode = exitCode;
});
