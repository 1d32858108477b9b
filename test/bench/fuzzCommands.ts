// `node test/bench/fuzzCommands.ts [RUNS] [SEED]`: whole commands on recorded clusters in which objects of tenants and
// answers of nodes were changed at random. 20,000 unless said otherwise; what must not be ends it with its input.
import { fuzzCommands } from '../support/fuzz/fuzzCommands.ts';

const [runs = 20_000, seed = 1] = process.argv.slice(2).map(Number);
const start = performance.now();
const fuzzed = await fuzzCommands(runs, seed, (done) => {
  console.error(`${done} runs, ${Math.round(process.memoryUsage.rss() / 1e6)} MB`);
});
const seconds = Math.round((performance.now() - start) / 1000);
if (fuzzed.complaints.length > 0) process.exitCode = 1;
console.log(JSON.stringify({ ...fuzzed, seed, seconds, maxMB: Math.round(process.resourceUsage().maxRSS / 1000) }));
