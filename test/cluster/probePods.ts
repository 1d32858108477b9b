import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bed } from './lib/Bed.ts';

const program = join(import.meta.dirname, '..', '..', 'bin', 'kubectl-kpr.ts');
const label = 'app.kubernetes.io/managed-by=kubectl-kpr';

type Moment = 'announced' | 'created' | 'running';

const cases: readonly { readonly at: Moment; readonly signal: 'SIGINT' | 'SIGTERM' }[] = [
  { at: 'announced', signal: 'SIGINT' },
  { at: 'created', signal: 'SIGTERM' },
  { at: 'running', signal: 'SIGINT' },
  { at: 'running', signal: 'SIGTERM' },
];

/** By name, what phase they are in. */
async function probePods(bed: Bed): Promise<ReadonlyMap<string, string>> {
  const columns = 'custom-columns=NAME:.metadata.name,PHASE:.status.phase';
  const listed = await bed.kubectl('get', 'pods', '-A', '-l', label, '--no-headers', '-o', columns);
  const rows = listed.split('\n').filter((line) => /^\S+ +\S+$/.test(line.trim()));
  return new Map(rows.map((line) => line.trim().split(/ +/) as [string, string]));
}

interface Run {
  readonly said: () => string;
  readonly end: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<number | null>;
}

function connectFromPods(bed: Bed): Run {
  const child = spawn(process.execPath, [program, 'verify', '--connect', '--probe-pod', '-o', 'json'], {
    env: { ...process.env, KUBECONFIG: bed.kubeconfig },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return {
    said: () => said,
    end: (signal) => child.kill(signal),
    ended: new Promise((resolve) => child.on('close', (code) => resolve(code))),
  };
}

async function hasCome(bed: Bed, run: Run, moment: Moment): Promise<boolean> {
  if (moment === 'announced') return run.said().includes('creates ');
  const pods = [...(await probePods(bed)).values()];
  return pods.length > 0 && (moment === 'created' || pods.every((phase) => phase === 'Running'));
}

async function until(bed: Bed, run: Run, moment: Moment): Promise<void> {
  const limit = Date.now() + 60_000;
  while (!(await hasCome(bed, run, moment))) {
    if (Date.now() > limit) throw new Error(`pods were never ${moment}: ${run.said()}`);
    await sleep(50);
  }
}

/**
 * Ends runs that have made pods, in the ways in which people and machines end one. Gives what is wrong then: a pod that
 * is left, or another exit code than that of an interrupted run. After `kill -9`, which nobody hears, what was printed
 * before must remove them.
 */
export async function endProbePodsEarly(bed: Bed): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const { at, signal } of cases) {
    const run = connectFromPods(bed);
    await until(bed, run, at);
    run.end(signal);
    const code = await run.ended;
    const left = [...(await probePods(bed)).keys()];
    console.log(`     ${signal} when pods were ${at}: exit ${code}, ${left.length} pods left`);
    if (code !== 130) problems.push(`${signal} when pods were ${at}: exit ${code}: ${run.said()}`);
    if (left.length > 0) problems.push(`${signal} when pods were ${at}: left over: ${left.join(', ')}`);
  }
  return [...problems, ...(await removedByHand(bed))];
}

async function removedByHand(bed: Bed): Promise<readonly string[]> {
  const run = connectFromPods(bed);
  await until(bed, run, 'running');
  run.end('SIGKILL');
  await run.ended;
  const there = (await probePods(bed)).size;
  const [, namespace, selector] = /-n (\S+) delete pods -l (\S+)/.exec(run.said()) ?? [];
  if (namespace === undefined || selector === undefined)
    return [`kill -9: no command that removes pods in: ${run.said()}`];
  await bed.kubectl('-n', namespace, 'delete', 'pods', '-l', selector);
  const left = [...(await probePods(bed)).keys()];
  console.log(`     kill -9: ${there} pods left, ${left.length} after the printed command`);
  return left.map((name) => `kill -9: the printed command leaves ${name}`);
}
