import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { checks } from '../../checks/index.ts';
import { bundle, bundlePath, root } from '../../pkg/bundle.ts';
import type { ClusterPort, ExecTarget } from '../../src/collect/ClusterPort.ts';
import { connectLive } from '../../src/collect/live/connectLive.ts';
import { LiveSource } from '../../src/collect/LiveSource.ts';
import { planFor } from '../../src/collect/planFor.ts';
import { heading, measure, noTiming, quiet, row } from './measure.ts';

/**
 * `npm run bench:live [-- --context NAME]`: `doctor` on the cluster of the kubeconfig, from cold start to exit, in
 * turns with each `kubectl exec` that it needs: the very commands that it sends, recorded while they are sent once.
 * KUBECTL and RUNS may be set; with QUIET=1 each run waits for a moment in which nobody else keeps the machine busy.
 */
const contextFlag = process.argv.indexOf('--context');
const context = contextFlag === -1 ? undefined : process.argv[contextFlag + 1];
const flags = context === undefined ? [] : ['--context', context];
const kubectl = process.env['KUBECTL'] ?? 'kubectl';
const runs = Number(process.env['RUNS'] ?? 15);
const packed = join(root, 'dist', 'kubectl-kpr');
const [bundled, unprobed] = ['kpr doctor (bundle)', 'kpr doctor --no-probe'] as const;
/** What any answer of a pod costs at least. */
const least = 'kubectl exec … true';
/** So much longer a small cluster without a fault may take for what is probed. */
const mostProbeMs = 150;

interface SentExec {
  readonly target: ExecTarget;
  readonly command: readonly string[];
  readonly stdin: Uint8Array | undefined;
}

await bundle();
const port = await connectLive(context === undefined ? {} : { context }, process.env, {
  platform: process.platform,
});
const sent = await recordExecs(port);
const services = execFileSync(kubectl, [...flags, 'get', 'services', '-A', '-o', 'name'], { encoding: 'utf8' });
console.log(
  `${availableParallelism()} cores, load ${load()}, Node ${process.version}, ${services.split('\n').length - 1} Services`,
);

const results = await measure(
  [
    ...sent.map(({ target, command, stdin }) => ({
      name: `kubectl exec ${target.pod}`,
      argv: execIn(target, command),
      stdin,
    })),
    { name: least, argv: execIn(sent[0]?.target, ['true']) },
    { name: bundled, argv: [process.execPath, bundlePath, 'doctor', ...flags] },
    { name: unprobed, argv: [process.execPath, bundlePath, 'doctor', '--no-probe', ...flags] },
    ...(existsSync(packed) ? [{ name: 'kpr doctor (packed)', argv: [packed, 'doctor', ...flags] }] : []),
  ],
  runs,
  process.env['QUIET'] === undefined ? undefined : () => quiet(60_000),
);
const leastMs = (results.get(least) ?? noTiming).medianMs;
const execs = [...results].flatMap(([name, timing]) =>
  name.startsWith('kubectl exec') && name !== least ? [timing] : [],
);
const slowest = execs.reduce((most, one) => (one.medianMs > most.medianMs ? one : most), execs[0] ?? noTiming);
console.log(heading);
for (const [name, timing] of results) console.log(row(name, timing, slowest));
// What the program promises: of a small cluster in relation to what it has to wait for, of a large one in itself.
const isLarge = services.split('\n').length > 1000;
const boundMs = isLarge ? 2000 : 1.5 * slowest.medianMs + 300;
const bound = isLarge ? '2,000 ms, 200 MB' : `1.5 × the slowest exec + 300 ms = ${boundMs.toFixed(0)} ms`;
for (const [name, { medianMs, peakMb }] of [...results].filter(([one]) => one.startsWith('kpr'))) {
  const isKept = medianMs <= boundMs && (!isLarge || peakMb <= 200);
  console.log(`${name}: ${medianMs.toFixed(0)} ms; ${bound}: ${isKept ? 'kept' : 'exceeded'}`);
}
const [probing, without] = [results.get(bundled) ?? noTiming, results.get(unprobed) ?? noTiming];
const addedMs = probing.medianMs - without.medianMs;
console.log(
  `probes add ${addedMs.toFixed(0)} ms (processor time ${probing.cpuMs} and ${without.cpuMs} ms)${isLarge ? '' : `; at most ${mostProbeMs} ms: ${addedMs <= mostProbeMs ? 'kept' : 'exceeded'}`}`,
);
console.log(`doctor takes ${(probing.medianMs / leastMs).toFixed(1)} times ${least}`);
console.log(`load ${load()} at the end`);

function execIn(target: ExecTarget | undefined, command: readonly string[]): readonly string[] {
  if (target === undefined) throw new Error('no agent was asked: is it the cluster that you mean?');
  const { namespace, pod, container } = target;
  return [kubectl, ...flags, '-n', namespace, 'exec', '-i', pod, '-c', container, '--', ...command];
}

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

async function recordExecs(real: ClusterPort): Promise<readonly SentExec[]> {
  const execs: SentExec[] = [];
  const recording: ClusterPort = {
    kubectl: real.kubectl,
    contextName: real.contextName,
    server: real.server,
    get: (path) => real.get(path),
    list: (path, options) => real.list(path, options),
    exec: async (target, command, options) => {
      execs.push({ target, command, stdin: options.stdin });
      return real.exec(target, command, options);
    },
    change: (change) => real.change(change),
    close: () => real.close(),
  };
  const source = new LiveSource(recording, new Date().toISOString());
  const plan = planFor(checks, {
    probe: true,
    nodes: undefined,
    ciliumNamespace: undefined,
    nodeTimeoutMs: 10_000,
    runTimeoutMs: 60_000,
    concurrency: 32,
  });
  const progress = { nodes: ignore, nodeStarted: ignore, nodeDone: ignore };
  await source.read(plan, { documents: ignore, node: ignore }, progress);
  await source.close();
  return execs;
}

function ignore(): void {}
