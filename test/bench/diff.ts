// `npm run bench:diff`: how long it takes to tell two large rule sets apart, beside parsing one of them in the same
// run. Half of the lines differ: for `diff` alone that is quadratic (it is measured on a tenth of the lines).
import { availableParallelism, loadavg } from 'node:os';
import { diffLines } from 'diff';
import { compareDump } from '../../src/changes/compareDump.ts';
import { iptablesLines } from '../../src/changes/iptablesLines.ts';
import { lineDiff } from '../../src/changes/lineDiff.ts';
import { chainHash } from '../../src/expect/kube-proxy/chainHashes.ts';
import type { IptablesTable } from '../../src/model/NodeFacts.ts';
import { parseIptablesSave } from '../../src/parse/parseIptablesSave.ts';
import { unifiedPatch } from '../../src/report/diff/unifiedPatch.ts';

/** kube-proxy's rules in the table nat for so many Services of three endpoints each; `changed` have other endpoints. */
function save(services: number, changed: (service: number) => boolean): string {
  const chains: string[] = [':KUBE-SERVICES - [0:0]', ':KUBE-MARK-MASQ - [0:0]'];
  const rules: string[] = ['-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'];
  for (let i = 0; i < services; i++) {
    const port = { namespace: 'team-a', name: `application-${i}-backend-service`, port: 'http', protocol: 'TCP' };
    const name = `${port.namespace}/${port.name}:${port.port}`;
    const hash = chainHash(port);
    chains.push(`:KUBE-SVC-${hash} - [0:0]`);
    rules.push(
      `-A KUBE-SERVICES -d 10.${96 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}/32 -p tcp -m comment --comment "${name} cluster IP" -m tcp --dport 80 -j KUBE-SVC-${hash}`,
    );
    for (let at = 0; at < 3; at++) {
      const pod = `10.${(changed(i) ? 200 : 128) + at}.${(i >> 8) & 255}.${i & 255}`;
      const endpoint = `KUBE-SEP-${chainHash(port, `${pod}:8080`)}`;
      chains.push(`:${endpoint} - [0:0]`);
      rules.push(
        `-A KUBE-SVC-${hash} -m comment --comment "${name} -> ${pod}:8080" -j ${endpoint}`,
        `-A ${endpoint} -s ${pod}/32 -m comment --comment "${name}" -j KUBE-MARK-MASQ`,
        `-A ${endpoint} -p tcp -m comment --comment "${name}" -m tcp -j DNAT --to-destination ${pod}:8080`,
      );
    }
  }
  return ['*nat', ':PREROUTING ACCEPT [0:0]', ...chains, ...rules, 'COMMIT', ''].join('\n');
}

function tables(text: string): readonly IptablesTable[] {
  const parsed = parseIptablesSave(text);
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.value.tables;
}

/** The median of five runs, in milliseconds. */
function time(run: () => unknown, times = 5): number {
  const all = Array.from({ length: times }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  });
  return all.sort((a, b) => a - b)[times >> 1] ?? 0;
}

console.log(`${availableParallelism()} cores, load ${(loadavg()[0] ?? 0).toFixed(1)}, Node ${process.version}`);
const sides = { oldName: 'before', newName: 'after', oldTime: '', newTime: '' };
for (const [services, share] of [
  [700, 0.5],
  [7000, 0.01],
  [7000, 0.5],
] as const) {
  // Two thirds of a changed Service's lines differ.
  const isChanged = (i: number): boolean => (i * 0.618) % 1 < Math.min(1, share * 1.2);
  const [before, after] = [save(services, () => false), save(services, isChanged)];
  const [was, is] = [tables(before), tables(after)];
  const [a, b] = [iptablesLines(was), iptablesLines(is)];
  const differing = lineDiff(a, b).reduce((sum, { kind, lines }) => sum + (kind === 'removed' ? lines.length : 0), 0);
  const parsing = time(() => tables(before));
  console.log(
    `\n${a.length} lines, ${Math.round((100 * differing) / a.length)} % differ; parsing one side takes ${parsing.toFixed(0)} ms`,
  );
  const row = (name: string, ms: number): void =>
    console.log(
      `  ${name.padEnd(34)}${ms.toFixed(0).padStart(8)} ms  ${(ms / parsing).toFixed(1).padStart(7)} × parsing`,
    );
  row(
    'by meaning',
    time(() => compareDump({ backend: 'nft', family: 'ipv4', before: was, after: is, hashes: new Map() })),
  );
  row(
    'lines, with anchors',
    time(() => lineDiff(a, b)),
  );
  row(
    'unified diff, 3 lines around',
    time(() => unifiedPatch(iptablesLines(was), iptablesLines(is), sides, 3)),
  );
  if (services <= 700)
    row(
      'diffLines of the package diff alone',
      time(() => diffLines(before, after), 1),
    );
}
