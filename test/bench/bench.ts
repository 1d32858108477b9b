// `npm run bench`: how long the program takes, beside something that runs in the same minute on the same machine.
// Start-up and archives always; with a cluster (`npm run bench -- --live [kubectl flags]`) also `doctor` against the exec it needs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { agentScript } from '../../src/collect/agentScript.ts';
import { bundle, bundlePath, root } from '../../pkg/bundle.ts';
import { execFileSync } from 'node:child_process';
import { planFor } from '../../src/collect/planFor.ts';
import { checks } from '../../checks/index.ts';
import { heading, measure, row } from './measure.ts';

const node = process.execPath;
const kpr = (...args: string[]) => [node, bundlePath, ...args];
const executable = join(root, 'dist', 'kubectl-kpr');

await bundle();
const example = join(root, 'examples', 'captures', 'broken-cluster.kpr');
const commands = [
  { name: 'node -e 0', argv: [node, '-e', '0'] },
  { name: 'kpr --version', argv: kpr('--version') },
  { name: 'kpr --help', argv: kpr('--help') },
  { name: 'kpr doctor --from broken-cluster.kpr', argv: kpr('doctor', '--from', example) },
  ...(existsSync(executable) ? [{ name: 'executable --version', argv: [executable, '--version'] }] : []),
];
console.log(heading);
for (const [name, timing] of await measure(commands, 7)) console.log(row(name, timing));

const live = process.argv.indexOf('--live');
if (live !== -1) await benchLive(process.argv.slice(live + 1));

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
  const script = agentScript({ answers: plan.answers, dnsTargets: [], marker: 'bench', limitSeconds: 5 });
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
          metadata.name,
          '-c',
          'cilium-agent',
          '--',
          ...script,
        ],
      })),
      { name: 'kpr doctor', argv: kpr('doctor', ...flags) },
    ],
    7,
  );
  for (const [name, timing] of results) console.log(row(name, timing));
  const slowest = Math.max(
    ...[...results].filter(([name]) => name !== 'kpr doctor').map(([, timing]) => timing.medianMs),
  );
  const doctor = results.get('kpr doctor')?.medianMs ?? 0;
  console.log(
    `doctor takes ${doctor.toFixed(0)} ms; bound 1.5 × ${slowest.toFixed(0)} + 300 = ${(1.5 * slowest + 300).toFixed(0)} ms`,
  );
}
