// npm run test:preflight [iptables|nftables|upgrade|no-go|room]: what `kubectl kpr preflight` says is done as it is
// printed, on real clusters, while every kind of Service is asked without a pause: from kube-proxy to Cilium, back, and
// forward again; from one version of Cilium to the next. KPR_PROOF_KEEP=FOLDER leaves cluster and files as they are,
// and KPR_PROOF_STAGES=back,again goes on from there.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bed } from './lib/Bed.ts';
import { runScenarios } from './lib/runScenarios.ts';
import { type Follower, followerOf, type Preflight, preflight } from './lib/followChecklist.ts';
import { newestRead } from '../../src/knowledge/releases.ts';
import { type Finding, runKpr, showFinding } from './lib/kpr.ts';
import { formerValues, type NoGo, noGos } from './lib/noGos.ts';
import { requests } from './lib/requests.ts';
import { traffic } from './lib/traffic.ts';
import { bedHome } from './lib/userShell.ts';
import { native } from './scenarios.ts';

const problems: string[] = [];
const started = performance.now();
const say = (text: string): void =>
  console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${text}`);
const must = (holds: boolean, text: string): void => {
  say(`${holds ? 'ok  ' : 'FAIL'} ${text}`);
  if (!holds) problems.push(text);
};

const summary = ({ verdict, change, exitCode, errors, unknown, seconds }: Preflight): string =>
  `${change}: ${verdict}, exit ${exitCode}, ${seconds.toFixed(1)} s${errors.length > 0 ? `, ${errors.join(', ')}` : ''}${unknown.length > 0 ? `; unknown ${unknown.slice(0, 2).join('; ')}${unknown.length > 2 ? `, ${unknown.length} in all` : ''}` : ''}`;

/**
 * Follows a checklist to its end while Services are asked; gives whether it got there. Connections that are open at the
 * very moment at which an agent takes over may be lost, and on the way back those that are being opened, as it says.
 */
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
  const most = asked / (answer.change === 'rollback' ? 200 : 1000);
  must(
    failures.length <= most,
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
  const forward = async (): Promise<boolean> => {
    const next = await preflight(bed, '--against', before);
    if (!(await follow(bed, follower, next))) return false;
    return next.change !== 'enable' || follow(bed, follower, await preflight(bed, '--against', before));
  };
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
  const { exitCode, stderr } = await runKpr(bed, ['preflight', '--to-version', versions[2]]);
  must(exitCode === 2 && stderr.includes('skips 1.19'), `a minor version is skipped, exit ${exitCode}: ${stderr}`);
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

/** Each reason not to make a change, on a real cluster: it must be the one that decides, and go with what made it. */
async function everyNoGo(): Promise<void> {
  const version = process.env['KPR_MATRIX_CILIUM'] ?? '1.19.7';
  const bed = await Bed.up({
    nodes: 2,
    kubeProxy: 'iptables',
    cilium: version,
    helm: { kubeProxyReplacement: false },
  });
  const folder = mkdtempSync(join(tmpdir(), 'kpr-preflight-'));
  const before = join(folder, 'before.kpr');
  try {
    must((await runKpr(bed, ['capture', '-o', before])).exitCode === 0, 'a capture of kube-proxy alone');
    const only = process.env['KPR_PROOF_NO_GO']?.split(',');
    const wanted = noGos.filter(({ name }) => only?.includes(name) ?? true);
    let state: NoGo['on'] = 'kubeProxy';
    for (const one of wanted) {
      state = await brought(bed, version, state, one.on);
      await noGo(bed, one, before);
    }
    for (const values of formerValues) await valuesRefused(bed, folder, values);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await end(bed);
  }
}

/**
 * DSR on devices that have room for what it adds, and on one that has none: what is said, and what becomes of datagrams
 * that are as large as clients make them.
 */
async function dsrRoom(): Promise<void> {
  const nodes = ['n1', 'n2'] as const;
  const bed = await Bed.up({ nodes: 2, cilium: '1.19.7', helm: { ...native, 'loadBalancer.mode': 'dsr' } });
  const service = { metadata: { name: 'dns-outside', namespace: 'kube-system' }, apiVersion: 'v1', kind: 'Service' };
  const ports = [{ port: 53, protocol: 'UDP', nodePort: dnsPort }];
  await bed.apply(
    JSON.stringify({ ...service, spec: { type: 'NodePort', selector: { 'k8s-app': 'kube-dns' }, ports } }),
  );
  const take = (node: string, mtu: number): Promise<string> =>
    bed.node(node, 'ip', 'link', 'set', 'eth0', 'mtu', `${mtu}`);
  for (const node of nodes) {
    await take(node, 1600);
    await bed.outside('ip', 'link', 'set', node, 'mtu', '1600');
  }
  await roomIs(bed, undefined);
  for (const node of nodes) {
    await take(node, 1500);
    await roomIs(bed, node);
    await take(node, 1600);
  }
  await end(bed);
}

const dnsPort = 31_053;

/** @param short the node whose device takes no more than clients send; undefined: none */
async function roomIs(bed: Bed, short: string | undefined): Promise<void> {
  const { stdout } = await runKpr(bed, [
    'preflight',
    '--to-version',
    '1.20',
    '--check',
    'mode-suits-network',
    '-o',
    'json',
  ]);
  const { change } = JSON.parse(stdout) as { change: { report: { findings: Finding[] } } };
  const said = change.report.findings.map(showFinding);
  const told = change.report.findings.flatMap(({ code, nodes }) => (code === 'KPR7006' ? nodes : []));
  must(
    told.join() === (short ?? ''),
    `${short ?? 'no node'} is short of room: ${said.join('; ') || 'nothing is said'}`,
  );
  // IP and UDP take 28 bytes of a packet, the option of DSR 8. Each node has a DNS server.
  const address = short === 'n2' ? nodeAddress(bed, 2) : nodeAddress(bed, 1);
  const largest = await answeredOf(bed, address, 1472);
  must(
    short === undefined ? largest === datagrams : largest > 0 && largest < datagrams,
    `packets of 1500 bytes: ${largest} of ${datagrams} are answered${short === undefined ? '' : ', those that stay on the node'}`,
  );
  const smaller = await answeredOf(bed, address, 1464);
  must(smaller === datagrams, `packets of 1492 bytes: ${smaller} of ${datagrams} are answered`);
}

const datagrams = 20;
const nodeAddress = ({ id }: Bed, node: number): string => `172.30.${id}.${10 + node}`;
const answeredOf = async (bed: Bed, address: string, size: number): Promise<number> => {
  const program = join(import.meta.dirname, 'lib', 'askDns.ts');
  return Number(await bed.outside(process.execPath, program, address, `${dnsPort}`, `${size}`, `${datagrams}`));
};

async function brought(bed: Bed, version: string, from: NoGo['on'], to: NoGo['on']): Promise<NoGo['on']> {
  if (from === 'kubeProxy' && to !== from) await bed.cilium(version, { kubeProxyReplacement: true });
  if (to === 'gone' && from !== to) {
    await bed.kubeProxy('none');
    await bed.kubectl('-n', 'kube-system', 'wait', '--for=delete', 'pod', '-l', 'k8s-app=kube-proxy', '--timeout=60s');
  }
  return to;
}

async function noGo(bed: Bed, fault: NoGo, before: string): Promise<void> {
  const { name, title, flags, code } = fault;
  const undo = await fault.make(bed);
  try {
    const answer = await preflight(bed, ...flags.map((flag) => (flag === 'BEFORE' ? before : flag)));
    const holds = answer.verdict === 'noGo' && answer.exitCode === 1 && answer.errors.includes(code);
    must(holds, `${name} (${title}): ${summary(answer)}`);
    must(
      answer.steps.every(({ withheld, commands }) => withheld !== true || commands.length === 0),
      `${name}: what changes something has no commands`,
    );
  } finally {
    await undo();
  }
}

/** What Helm itself does with the chart of each version decides. */
async function valuesRefused(bed: Bed, folder: string, values: (typeof formerValues)[number]): Promise<void> {
  const file = join(folder, 'values.yaml');
  const own = 'kubeProxyReplacement: true\nk8sServiceHost: api.example.net\nk8sServicePort: 6443\n';
  writeFileSync(file, own + values.text);
  for (const branch of values.to) {
    const chart = join(bedHome, 'cilium', newestRead[branch], 'chart');
    const helm = spawnSync(
      join(bedHome, 'bin', 'helm'),
      ['template', 'cilium', chart, '--kube-version', 'v1.34.0', '-f', file],
      {
        encoding: 'utf8',
      },
    );
    const { exitCode, stdout } = await runKpr(bed, ['preflight', '-f', file, '--to-version', branch, '-o', 'json']);
    const { values: judged } = JSON.parse(stdout) as {
      values: { targets: { keys: { code: string; refused: boolean }[] }[] };
    };
    const [key] = judged.targets[0]?.keys.filter(({ code }) => code === values.code) ?? [];
    const holds = exitCode === 1 && key?.refused === values.refused && (helm.status !== 0) === values.refused;
    const first = values.text.split('\n')[0] ?? '';
    must(
      holds,
      `${first} for ${branch}: Helm ${helm.status === 0 ? 'ignores' : 'refuses'} it, exit ${exitCode} ${key?.code}`,
    );
  }
}

async function end(bed: Bed): Promise<void> {
  await bed.down();
  for (const line of await bed.leftovers()) problems.push(`left over: ${line}`);
}

const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  iptables: () => thereAndBack('iptables'),
  nftables: () => thereAndBack('nftables'),
  upgrade,
  'no-go': everyNoGo,
  room: dsrRoom,
};
await runScenarios(scenarios, say);
say(problems.length === 0 ? 'all of it holds' : `${problems.length} do not hold:\n${problems.join('\n')}`);
process.exit(problems.length === 0 ? 0 : 1);
