// `node test/bench/fuzzFiles.ts [INPUTS] [SEED]`: values, suppressions, annotations, baselines and what nodes say in
// little, changed at random. 100,000 unless said otherwise; what must not be ends with 1 and its input.
import { fuzzFiles } from '../support/fuzz/fuzzFiles.ts';

const [inputs = 100_000, seed = 1] = process.argv.slice(2).map(Number);
const start = performance.now();
const fuzzed = await fuzzFiles(inputs, seed);
const seconds = Math.round((performance.now() - start) / 1000);
if (fuzzed.complaints.length > 0) process.exitCode = 1;
console.log(JSON.stringify({ ...fuzzed, seed, seconds, maxMB: Math.round(process.resourceUsage().maxRSS / 1000) }));
