// node test/cluster/preflightProof.ts [iptables|nftables|upgrade]: what `kubectl kpr preflight` says is done as it is
// printed, on real clusters, while every kind of Service is asked without a pause: from kube-proxy to Cilium, back, and
// forward again; from one version of Cilium to the next. KPR_PROOF_KEEP=FOLDER leaves cluster and files as they are,
// and KPR_PROOF_STAGES=back,again goes on from there.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bed, BedError } from './lib/Bed.ts';
import { type Follower, followerOf, type Preflight, preflight } from './lib/followChecklist.ts';
import { requests } from './lib/requests.ts';
import { traffic } from './lib/traffic.ts';

const problems: string[] = [];
const started = performance.now();
const say = (text: string): void =>
  console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${text}`);
const must = (holds: boolean, text: string): void => {
  say(`${holds ? 'ok  ' : 'FAIL'} ${text}`);
  if (!holds) problems.push(text);
};

const summary = ({ verdict, change, exitCode, errors, unknown, seconds }: Preflight): string =>
  `${change}: ${verdict}, exit ${exitCode}, ${seconds.toFixed(1)} s${errors.length > 0 ? `, ${errors.join(', ')}` : ''}${unknown.length > 0 ? `; unknown ${unknown.join('; ')}` : ''}`;

/** Follows a checklist to its end while Services are asked; gives whether it got there. */
async function follow(bed: Bed, follower: Follower, answer: Preflight): Promise<boolean> {
  must(answer.verdict === 'go' && answer.exitCode === 0, `preflight says go: ${summary(answer)}`);
  if (answer.verdict !== 'go') return false;
  const loop = await requests(bed, 'all');
  let isThrough = true;
  for (const step of answer.steps) {
    const wrong = await follower.step(step);
    must(wrong.length === 0, wrong.length === 0 ? step.text : wrong.join('\n'));
    if (wrong.length > 0) {
      isThrough = false;
      break;
    }
  }
  const { requests: asked, failures } = await loop.stop();
  must(
    failures.length === 0,
    `${answer.change}: ${asked} requests meanwhile, ${failures.length} failed ${[...new Set(failures)].slice(0, 5).join('; ')}`,
  );
  const failed = await traffic(bed, { name: 'preflight', title: '' });
  must(failed.length === 0, `afterwards every way answers ${failed.join('; ')}`);
  return isThrough;
}

const stages = ['there', 'back', 'again'] as const;
type Stage = (typeof stages)[number];

/** Bed and folder stay after the last stage where somebody wants to go on from there. */
const kept = process.env['KPR_PROOF_KEEP'];
const wantedStages = (process.env['KPR_PROOF_STAGES'] ?? stages.join(',')).split(',');

async function thereAndBack(kubeProxy: 'iptables' | 'nftables'): Promise<void> {
  const version = process.env['KPR_MATRIX_CILIUM'] ?? '1.19.7';
  const bed = wantedStages.includes('there')
    ? await Bed.up({ nodes: 2, kubeProxy, cilium: version, helm: { kubeProxyReplacement: false } })
    : Bed.at();
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'kpr-preflight-'));
  mkdirSync(folder, { recursive: true });
  const follower = followerOf(bed, folder, version);
  const before = join(folder, 'before.kpr');
  const forward = async (): Promise<boolean> =>
    (await follow(bed, follower, await preflight(bed, '--against', before))) &&
    follow(bed, follower, await preflight(bed, '--against', before));
  const ways: Readonly<Record<Stage, () => Promise<boolean>>> = {
    there: async () => {
      await withoutCapture(bed, follower);
      return forward();
    },
    back: async () => follow(bed, follower, await preflight(bed, '--change', 'rollback', '--against', before)),
    again: forward,
  };
  try {
    for (const stage of stages) {
      if (!wantedStages.includes(stage)) continue;
      say(`-- ${stage}`);
      if (!(await ways[stage]())) return;
    }
  } finally {
    if (kept === undefined) {
      rmSync(folder, { recursive: true, force: true });
      await end(bed);
    } else bed.leaveUp();
  }
}

async function withoutCapture(bed: Bed, follower: Follower): Promise<void> {
  const without = await preflight(bed, '--change', 'enable');
  must(without.exitCode === 1 && without.errors.join() === 'KPR8006', `without a capture: ${summary(without)}`);
  const early = await preflight(bed, '--change', 'remove-kube-proxy');
  must(early.errors.includes('KPR8001'), `before any agent replaces it: ${summary(early)}`);
  // What a no-go leaves are the steps that change nothing: the capture is one of them.
  const [capture] = without.steps;
  must(capture !== undefined && (await follower.step(capture)).length === 0, 'the capture is made as it says');
}

async function upgrade(): Promise<void> {
  const versions = ['1.18.11', '1.19.7', '1.20.2'] as const;
  const bed = await Bed.up({ nodes: 2, cilium: versions[0] });
  const skipping = await preflight(bed, '--to-version', versions[2]);
  must(skipping.errors.includes('KPR7005'), `a minor version is skipped: ${summary(skipping)}`);
  for (const version of versions.slice(1)) {
    const folder = mkdtempSync(join(tmpdir(), 'kpr-preflight-'));
    const follower = followerOf(bed, folder, version);
    const answer = await preflight(bed, '--to-version', version);
    const isThrough = await follow(bed, follower, answer);
    rmSync(folder, { recursive: true, force: true });
    if (!isThrough) break;
  }
  await end(bed);
}

async function end(bed: Bed): Promise<void> {
  await bed.down();
  for (const line of await bed.leftovers()) problems.push(`left over: ${line}`);
}

const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  iptables: () => thereAndBack('iptables'),
  nftables: () => thereAndBack('nftables'),
  upgrade,
};
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in scenarios));
if (unknown.length > 0) {
  console.error(`no scenario ${unknown.join(', ')}; there are: ${Object.keys(scenarios).join(', ')}`);
  process.exit(64);
}
try {
  for (const [name, run] of Object.entries(scenarios)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    say(`---- ${name}`);
    await run();
  }
} catch (error) {
  if (error instanceof BedError && error.unavailable) {
    console.error(error.message);
    process.exit(69);
  }
  throw error;
}
say(problems.length === 0 ? 'all of it holds' : `${problems.length} do not hold:\n${problems.join('\n')}`);
process.exit(problems.length === 0 ? 0 : 1);
