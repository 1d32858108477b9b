// `node --expose-gc test/bench/iptablesRules.ts [LINES]`: reading dumps of iptables-save of that many lines
// (200,000), line by line as they come, and what they take in memory: of one node as read, of ten nodes that
// share their rules, and kube-proxy's rows of one. Seen on two cores that others kept busy: 24.5 MB of text
// read in 1.0 to 2.3 s (0.6 s of CPU), 62 MB as read; kube-proxy's rows of it in 1 to 2 s (0.8 s of CPU), 18
// MB; the first node 65 MB, each further one 1.3 MB.
import { known } from '../../src/model/Fact.ts';
import { rowsOfIptables } from '../../src/parse/kubeproxy/rowsOfIptables.ts';
import { IptablesSaveReader } from '../../src/parse/rules/IptablesSaveReader.ts';
import { linesOfSave } from '../support/printIptablesSave.ts';
import { SharedRules } from '../../src/parse/rules/SharedRules.ts';
import { proxyDump } from './proxyDump.ts';

const lines = Number(process.argv[2] ?? 200_000);
const nodes = 10;

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};
function timed<T>(run: () => T): { readonly value: T; readonly ms: number } {
  const before = performance.now();
  const value = run();
  return { value, ms: performance.now() - before };
}
const figures = (ms: number, mb: number): string => `${ms.toFixed(0).padStart(7)} ms ${mb.toFixed(1).padStart(8)} MB`;

let bytes = 0;
for (const line of proxyDump(lines, 0)) bytes += line.length + 1;
console.log(
  `${lines} lines, ${(bytes / 2 ** 20).toFixed(1)} MB of text${globalThis.gc === undefined ? ' (memory only with --expose-gc)' : ''}`,
);

const start = heap();
const save = timed(() => read(0));
console.log(`${figures(save.ms, heap() - start)}  one node as read, from making each line to the end of the dump`);

const printing = timed(() => {
  let length = 0;
  for (const line of linesOfSave(save.value, { counters: true })) length += line.length + 1;
  return length;
});
console.log(
  `${figures(printing.ms, 0)}  printed again, ${printing.value === bytes ? 'to the same length' : 'WRONGLY'}`,
);

const table = rowsOfIptables(save.value.tables, 'ipv4');
const beforeRows = heap();
const rows = timed(() => table?.rows);
console.log(`${figures(rows.ms, heap() - beforeRows)}  kube-proxy’s rows of it, ${rows.value?.size ?? 0}`);

const shared = new SharedRules();
const held = [];
for (let node = 0; node < nodes; node++) {
  const before = heap();
  const { value, ms } = timed(() => shared.share({ backend: 'nft', family: 'ipv4' }, read(node).tables));
  held.push(known(value, `node ${node}`));
  if (node === 0 || node === 1 || node === nodes - 1)
    console.log(`${figures(ms, heap() - before)}  node ${node + 1} of ${held.length}, whose rules are shared`);
}

function read(node: number) {
  const reader = new IptablesSaveReader();
  for (const line of proxyDump(lines, node)) reader.line(line);
  const result = reader.end();
  if (!result.ok) throw new Error(result.why);
  return result.value;
}
