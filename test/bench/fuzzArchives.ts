// `node test/bench/fuzzArchives.ts [ARCHIVES] [SEED]`: captures and sysdumps whose members and bytes were changed at
// random, through all that reads archives. Ten thousand unless said otherwise.
import { fuzzArchives } from '../support/fuzz/fuzzArchives.ts';

const [archives = 10_000, seed = 1] = process.argv.slice(2).map(Number);
const start = performance.now();
const fuzzed = await fuzzArchives(archives, seed);
const seconds = Math.round((performance.now() - start) / 1000);
console.log(JSON.stringify({ ...fuzzed, seed, seconds, maxMB: Math.round(process.resourceUsage().maxRSS / 1000) }));
if (fuzzed.complaints.length > 0) process.exitCode = 1;
