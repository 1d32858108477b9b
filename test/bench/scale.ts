// `npm run bench:scale [-- --nodes 10,100,1000 --services 5000 --latency-ms 50 --proxy-rules 0 --differing 0
// --plot FILE]`:
// `doctor` against simulated clusters of several sizes, in turns with a bare client that asks the same and throws the
// answers away. Of a busy machine processor time tells more than time; RUNS says how many runs of each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { bundle, bundlePath, root } from '../../pkg/bundle.ts';
import { measure, noTiming } from './measure.ts';
import { scalePlot, type ScaleRow } from './scalePlot.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '10,100,1000' },
    services: { type: 'string', default: '5000' },
    'latency-ms': { type: 'string', default: '50' },
    'proxy-rules': { type: 'string', default: '0' },
    differing: { type: 'string', default: '0' },
    plot: { type: 'string' },
  },
});
const runs = Number(process.env['RUNS'] ?? 1);

await bundle();
const rows: ScaleRow[] = [];
console.log(
  `${availableParallelism()} cores, load ${(loadavg()[0] ?? 0).toFixed(1)}, Node ${process.version}, ${values.services} Services of 3 backends, 30 pods a node, ${values['latency-ms']} ms`,
);
console.log('| nodes | `doctor` | of it processor | peak memory | bare client | of it processor | ratio | exit |');
console.log('|---|---|---|---|---|---|---|---|');
for (const nodes of values.nodes.split(',').map(Number)) {
  const row = await measured(nodes);
  rows.push(row);
  const { doctor, bare } = row;
  const ratio = `${(doctor.medianMs / bare.medianMs).toFixed(1)} (processor ${(doctor.cpuMs / bare.cpuMs).toFixed(1)})`;
  const cells = [
    nodes,
    s(doctor.medianMs),
    s(doctor.cpuMs),
    `${doctor.peakMb.toFixed(0)} MB`,
    s(bare.medianMs),
    s(bare.cpuMs),
    ratio,
    doctor.exitCode,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
if (values.plot !== undefined) writeFileSync(values.plot, scalePlot(rows));

async function measured(nodes: number): Promise<ScaleRow> {
  const { services, 'latency-ms': latency, 'proxy-rules': rules, differing } = values;
  const cluster = [
    '--nodes',
    String(nodes),
    '--services',
    services,
    '--latency-ms',
    latency,
    '--proxy-rules',
    rules,
    '--differing',
    differing,
  ];
  const simulator = spawn(process.execPath, [join(root, 'test/simulate/main.ts'), ...cluster], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [kubeconfig] = (await once(createInterface(simulator.stdout), 'line')) as [string];
    const bare = {
      name: 'bare',
      argv: [process.execPath, join(root, 'test/bench/bareClient.ts'), kubeconfig, String(nodes)],
    };
    const doctor = {
      name: 'doctor',
      argv: [process.execPath, bundlePath, 'doctor', '--no-wait', '--kubeconfig', kubeconfig],
    };
    // The first run has the simulator make its pages.
    const timings = await measure([bare, doctor], runs);
    return { nodes, doctor: timings.get('doctor') ?? noTiming, bare: timings.get('bare') ?? noTiming };
  } finally {
    simulator.kill();
  }
}

function s(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
