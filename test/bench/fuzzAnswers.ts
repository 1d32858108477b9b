// `node test/bench/fuzzAnswers.ts [INPUTS] [SEED]`: recorded answers of nodes and objects of the API, changed at
// random,
// given to every parser. A million unless said otherwise; nothing may throw, and nothing may take long.
import { fuzzAnswers } from '../support/fuzz/fuzzAnswers.ts';

const [inputs = 1_000_000, seed = 1] = process.argv.slice(2).map(Number);
const start = performance.now();
const fuzzed = await fuzzAnswers(inputs, seed);
const seconds = Math.round((performance.now() - start) / 1000);
console.log(JSON.stringify({ ...fuzzed, seed, seconds, maxMB: Math.round(process.resourceUsage().maxRSS / 1000) }));
