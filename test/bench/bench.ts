// `npm run bench`: how long the program takes and how much memory, beside something that runs in turns with it on the
// same machine. Start-up and archives always; with a cluster (`npm run bench -- --live [kubectl flags]`) also `doctor`
// against the exec that it needs.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { checks } from '../../checks/index.ts';
import { bundle, bundlePath, root } from '../../pkg/bundle.ts';
import { agentScript } from '../../src/collect/agentScript.ts';
import { planFor } from '../../src/collect/planFor.ts';
import { writeLargeCapture } from './largeCapture.ts';
import { type Command, heading, measure, noTiming, row } from './measure.ts';

const runs = 7;
const node = process.execPath;
const packed = join(root, 'dist', 'kubectl-kpr');
const hasPacked = existsSync(packed);
/** As users have it, when it was packed (`npm run package`), else as a script. */
const kpr = (...args: string[]): readonly string[] => (hasPacked ? [packed, ...args] : [node, bundlePath, ...args]);

const exampleValues = join(root, 'examples', 'kube-proxy-replacement', 'cilium-values.yaml');

await bundle();
console.log(
  `${availableParallelism()} cores, load ${(loadavg()[0] ?? 0).toFixed(1)}, Node ${process.version}, kpr is ${hasPacked ? 'dist/kubectl-kpr as it was packed last' : 'the bundle (npm run package makes the executable)'}`,
);

await compare('starting, beside Node itself', { name: 'node -e 0', argv: [node, '-e', '0'] }, [
  { name: 'kpr --version', argv: kpr('--version') },
  { name: 'kpr --help', argv: kpr('--help') },
  { name: 'kpr explain KPR1007', argv: kpr('explain', 'KPR1007') },
  { name: 'kpr preflight --values', argv: kpr('preflight', '--values', exampleValues) },
]);

await compareWithUnpacking(join(root, 'examples', 'captures', 'broken-cluster.kpr'), 'the example');
const folder = mkdtempSync(join(tmpdir(), 'kpr-bench-'));
try {
  for (const nodes of [2, 20, 100]) {
    const file = join(folder, `${nodes}.kpr`);
    await writeLargeCapture(file, { nodes, services: 2000, backends: 3 });
    await compareWithUnpacking(file, `${nodes} nodes, 2,000 Services of 3 backends`, nodes > 10 ? 3 : runs);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const live = process.argv.indexOf('--live');
if (live === -1) {
  console.log('\nNo cluster was measured, archives only; with one: npm run bench -- --live [kubectl flags]');
} else {
  await benchLive(process.argv.slice(live + 1));
}

/** `doctor` on a capture, beside a process that only unpacks the file. */
async function compareWithUnpacking(file: string, what: string, times: number = runs): Promise<void> {
  const unpack = 'require("node:zlib").gunzipSync(require("node:fs").readFileSync(process.argv[1])).toString()';
  await compare(
    `doctor --from: ${what}, beside unpacking it`,
    { name: 'gunzip by Node', argv: [node, '-e', unpack, file] },
    [{ name: 'kpr doctor --from', argv: kpr('doctor', '--from', file) }],
    times,
  );
}

async function compare(
  title: string,
  reference: Command,
  commands: readonly Command[],
  times: number = runs,
): Promise<void> {
  const results = await measure([reference, ...commands], times);
  console.log(`\n${title}\n${heading}`);
  for (const [name, timing] of results) console.log(row(name, timing, results.get(reference.name) ?? noTiming));
}

async function benchLive(flags: readonly string[]): Promise<void> {
  const kubectl = process.env['KUBECTL'] ?? 'kubectl';
  const listed = execFileSync(kubectl, [...flags, 'get', 'pods', '-A', '-l', 'k8s-app=cilium', '-o', 'json'], {
    encoding: 'utf8',
  });
  const agents = (JSON.parse(listed) as { items: { metadata: { name: string; namespace: string } }[] }).items;
  const plan = planFor(checks, {
    probe: true,
    nodes: undefined,
    ciliumNamespace: undefined,
    nodeTimeoutMs: 10_000,
    runTimeoutMs: 60_000,
    concurrency: 16,
  });
  const { command, stdin } = agentScript({
    answers: plan.answers,
    targets: { dns: [], servers: [] },
    marker: 'bench',
    limitSeconds: 5,
  });
  const results = await measure(
    [
      ...agents.map(({ metadata }, i) => ({
        name: `kubectl exec, agent ${i + 1}`,
        argv: [
          kubectl,
          ...flags,
          '-n',
          metadata.namespace,
          'exec',
          '-i',
          metadata.name,
          '-c',
          'cilium-agent',
          '--',
          ...command,
        ],
        stdin,
      })),
      { name: 'kpr doctor', argv: kpr('doctor', ...flags) },
    ],
    runs,
  );
  const doctorRow = results.get('kpr doctor');
  const execs = [...results].filter(([name]) => name !== 'kpr doctor').map(([, timing]) => timing);
  const slowest = execs.reduce((most, one) => (one.medianMs > most.medianMs ? one : most), execs[0] ?? noTiming);
  for (const [name, timing] of results) console.log(row(name, timing, slowest));
  const bound = 1.5 * slowest.medianMs + 300;
  const doctor = doctorRow?.medianMs ?? 0;
  console.log(
    `doctor takes ${doctor.toFixed(0)} ms; bound 1.5 × the slowest exec + 300 ms = ${bound.toFixed(0)} ms: ${doctor <= bound ? 'kept' : 'exceeded'}`,
  );
}
