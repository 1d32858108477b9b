// node test/cluster/cleanupProof.ts [iptables|nftables|large]: kube-proxy is removed from real clusters, what it leaves
// is taken away by `kubectl kpr cleanup`, and everything that must hold meanwhile and afterwards is looked at.
import { readdirSync, readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bed } from './lib/Bed.ts';
import { runScenarios } from './lib/runScenarios.ts';
import { createServices } from './lib/createServices.ts';
import { kpr, runKpr, serious, showFinding } from './lib/kpr.ts';
import { addForeignRules, isKubeProxys, isMark, nodeRules } from './lib/nodeRules.ts';
import { requests } from './lib/requests.ts';

const problems: string[] = [];
const started = performance.now();
const say = (text: string): void =>
  console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${text}`);
const must = (holds: boolean, text: string): void => {
  say(`${holds ? 'ok  ' : 'FAIL'} ${text}`);
  if (!holds) problems.push(text);
};
const folder = mkdtempSync(join(tmpdir(), 'kpr-cleanup-proof-'));

interface Timed {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}
async function timed(run: () => Promise<{ exitCode: number; stdout: string; stderr: string }>): Promise<Timed> {
  const begin = performance.now();
  const result = await run();
  return { ...result, seconds: (performance.now() - begin) / 1000 };
}
const cleanup = (bed: Bed, ...args: string[]): Promise<Timed> => timed(() => runKpr(bed, ['cleanup', ...args]));
const onNode = (bed: Bed, node: string, script: string, mode: string): Promise<Timed> =>
  timed(() => bed.run(['node', node, 'bash', '-s', '--', ...mode.split(' ')], { input: readFileSync(script, 'utf8') }));
const lastLines = ({ stdout, stderr }: Timed, count = 2): string =>
  (stdout.trim() || stderr.trim()).split('\n').slice(-count).join(' / ');
const backUpOf = (stdout: string): string => /^Back-up: (\S+)/m.exec(stdout)?.[1] ?? '';

const left = async (bed: Bed): Promise<readonly string[]> =>
  (await kpr(bed, 'doctor')).findings.filter(({ code }) => /KPR300[3-5]/.test(code)).map(showFinding);

async function without(bed: Bed, mode: 'iptables' | 'nftables'): Promise<void> {
  const sign =
    mode === 'iptables' ? 'iptables-save | grep -q KUBE-SEP' : 'nft list table ip kube-proxy | grep -q endpoint-';
  for (const node of ['n1', 'n2']) await bed.node(node, 'bash', '-c', `until ${sign}; do sleep 0.5; done`);
  await bed.kubeProxy('none');
  await bed.kubectl('-n', 'kube-system', 'wait', '--for=delete', 'pod', '-l', 'k8s-app=kube-proxy', '--timeout=60s');
}

/** All but kube-proxy's lines are byte for byte what they were, in the same order. */
function othersAreTheSame(
  before: readonly string[],
  after: readonly string[],
  kept: (line: string) => boolean,
  what: string,
): void {
  const others = (lines: readonly string[]): readonly string[] =>
    lines.filter((line) => !isKubeProxys(line) || kept(line));
  const was = others(before);
  const is = others(after);
  const differ = was.length !== is.length || was.some((line, i) => line !== is[i]);
  must(!differ, `${what}: ${was.length} lines of others are byte for byte what they were`);
  const remains = after.filter((line) => isKubeProxys(line) && !kept(line));
  must(
    remains.length === 0,
    `${what}: none of ${before.length - was.length} lines of kube-proxy is left${remains.length > 0 ? `: ${remains[0]}` : ''}`,
  );
}

/** When kube-proxy has come to rest. */
async function settledRules(bed: Bed, node: string): Promise<readonly string[]> {
  for (let before = await nodeRules(bed, node); ;) {
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const now = await nodeRules(bed, node);
    if (JSON.stringify(now) === JSON.stringify(before)) return now;
    before = now;
  }
}

const sorted = (text: string): string => text.split('\n').toSorted().join('\n');
const nothingKept = (): boolean => false;

async function iptables(): Promise<void> {
  const bed = await Bed.up({ nodes: 2, kubeProxy: 'iptables' });
  await addForeignRules(bed, 'n1', { marks: true });
  await addForeignRules(bed, 'n2', { marks: false });
  must((await runKpr(bed, ['capture', '-o', join(folder, 'before.kpr')])).exitCode === 0, 'capture before');
  const alive = await cleanup(bed);
  must(
    alive.exitCode === 1 && alive.stdout === '' && alive.stderr.includes('kube-proxy still runs'),
    'while kube-proxy runs: no script',
  );

  await without(bed, 'iptables');
  // The same rules in the other backend of n2, as after a change of the host's iptables.
  await bed.node(
    'n2',
    'bash',
    '-c',
    'iptables-nft-save | grep -vi cilium | iptables-legacy-restore && ip6tables-nft-save | grep -vi cilium | ip6tables-legacy-restore',
  );
  const found = await left(bed);
  must(
    found.some((line) => line.startsWith('KPR3003 on') && line.includes('n1')),
    `doctor: ${found.join('; ')}`,
  );

  const written = await cleanup(bed, '-o', folder);
  must(written.exitCode === 0, `cleanup -o: ${written.seconds.toFixed(1)} s\n${written.stdout}`);
  must(
    /KUBE-MARK-MASQ in nat \(nft, IPv4\) stays: a rule of somebody else in CNI-DN-/.test(written.stdout),
    'the foreign reference on n1 is named',
  );
  must(
    (await runKpr(bed, ['cleanup', '--trust-archive', '--from', join(folder, 'before.kpr')])).exitCode === 1,
    'from the capture taken while it ran: no script',
  );

  const before = { n1: await nodeRules(bed, 'n1'), n2: await nodeRules(bed, 'n2') };
  const loop = await requests(bed);
  const backUps: Record<string, string> = {};
  for (const node of ['n1', 'n2'] as const) {
    const script = join(folder, `cleanup-${node}.sh`);
    const checked = await onNode(bed, node, script, 'check');
    must(checked.exitCode === 0, `${node} check on the node: ${lastLines(checked, 1)}`);
    must(JSON.stringify(await nodeRules(bed, node)) === JSON.stringify(before[node]), `${node} check changed nothing`);
    const applied = await cleanup(bed, '--apply', '--node', node, '--yes');
    must(applied.exitCode === 0, `${node} --apply: ${applied.seconds.toFixed(1)} s in all; ${lastLines(applied, 4)}`);
    backUps[node] = backUpOf(applied.stdout);
    othersAreTheSame(before[node], await nodeRules(bed, node), node === 'n1' ? isMark : nothingKept, node);
  }
  const cleaned = { n1: await nodeRules(bed, 'n1'), n2: await nodeRules(bed, 'n2') };
  must((await left(bed)).length === 0, `doctor: ${(await left(bed)).join('; ') || 'nothing of kube-proxy is left'}`);
  const again = await cleanup(bed);
  must(again.exitCode === 0 && again.stdout === '', `cleanup again: ${lastLines(again, 3)}`);
  for (const node of ['n1', 'n2'] as const) {
    const twice = await onNode(bed, node, join(folder, `cleanup-${node}.sh`), 'run');
    must(
      twice.exitCode === 0 && twice.stdout.includes('Nothing to do'),
      `${node} the script once more: ${lastLines(twice, 1)}`,
    );
    const undone = await timed(() => bed.run(['agent', node, 'bash', `${backUps[node]}/undo`]));
    must(
      undone.exitCode === 0,
      `${node} undo in the agent's pod: ${undone.seconds.toFixed(1)} s; ${lastLines(undone, 1)}`,
    );
    must(
      JSON.stringify(await nodeRules(bed, node)) === JSON.stringify(before[node]),
      `${node} every rule is back at its place`,
    );
  }

  // kube-proxy comes back while an old script lies around.
  await bed.kubeProxy('iptables');
  await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'daemonset/kube-proxy', '--timeout=90s');
  const back = await settledRules(bed, 'n1');
  const refused = await onNode(bed, 'n1', join(folder, 'cleanup-n1.sh'), 'run');
  must(
    refused.exitCode === 1 && refused.stdout.includes('Nothing was changed'),
    `n1 run while kube-proxy is alive: ${refused.stdout.split('\n')[1]?.trim()}`,
  );
  must(JSON.stringify(await nodeRules(bed, 'n1')) === JSON.stringify(back), 'n1 nothing was changed');
  await without(bed, 'iptables');

  // kill -9 at whatever point, and again until it is through.
  const fresh = await cleanup(bed, '-o', folder, '--overwrite');
  must(fresh.exitCode === 0, 'new scripts');
  const start = await nodeRules(bed, 'n2');
  for (const delay of [0.15, 0.3, 0.45, 0.6, 0.8]) {
    const text = readFileSync(join(folder, 'cleanup-n2.sh'), 'utf8');
    await bed.run(['node', 'n2', 'timeout', '-s', 'KILL', String(delay), 'bash', '-s', '--', 'run'], { input: text });
  }
  const finished = await onNode(bed, 'n2', join(folder, 'cleanup-n2.sh'), 'run');
  must(finished.exitCode === 0, `n2 after five kill -9: ${lastLines(finished, 1)}`);
  othersAreTheSame(start, await nodeRules(bed, 'n2'), nothingKept, 'n2 after kill -9');
  const n1 = await cleanup(bed, '--apply', '--node', 'n1', '--yes', '--via', 'kubectl');
  must(n1.exitCode === 0, `n1 --apply --via kubectl: ${lastLines(n1, 1)}`);
  const { requests: asked, failures } = await loop.stop();
  must(
    failures.length === 0,
    `${asked} requests meanwhile, ${failures.length} failed ${failures.slice(0, 3).join('; ')}`,
  );
  must(
    JSON.stringify(await nodeRules(bed, 'n1')) === JSON.stringify(cleaned.n1),
    'n1 is what it was after the first clean-up',
  );
  const { stdout: changes } = await runKpr(bed, ['diff', join(folder, 'before.kpr'), '--node', 'n1']);
  must(/kube-proxy rules: gone/.test(changes) && /others’ rules: +unchanged/.test(changes), `diff:\n${changes}`);
  const { findings } = await kpr(bed, 'doctor');
  must(
    serious(findings).every(({ code }) => code === 'KPR3002'),
    `doctor at the end: ${serious(findings).map(showFinding).join('; ')}`,
  );
  await end(bed);
}

async function nftables(): Promise<void> {
  const bed = await Bed.up({ nodes: 2, kubeProxy: 'nftables' });
  await without(bed, 'nftables');
  const found = await left(bed);
  must(
    found.some((line) => line.startsWith('KPR3004')),
    `doctor: ${found.join('; ')}`,
  );
  const written = await cleanup(bed, '-o', folder, '--overwrite');
  must(written.exitCode === 0, `cleanup -o\n${written.stdout}`);
  const loop = await requests(bed);
  const rules = { n1: await nodeRules(bed, 'n1'), n2: await nodeRules(bed, 'n2') };
  const applied = await cleanup(bed, '--apply', '--node', 'n1', '--yes');
  must(
    applied.exitCode === 1 && applied.stdout.includes('nft is not here'),
    `--apply cannot do it in the agent's pod, and says so: ${lastLines(applied, 2)}`,
  );
  const tables = (node: string): Promise<string> =>
    bed.node(node, 'bash', '-c', 'for f in ip ip6; do nft list table $f kube-proxy 2>/dev/null; done; true');
  for (const node of ['n1', 'n2'] as const) {
    const script = join(folder, `cleanup-${node}.sh`);
    const before = await tables(node);
    must(
      (await onNode(bed, node, script, 'check')).exitCode === 0 && (await tables(node)) === before,
      `${node} check changes nothing`,
    );
    const ran = await onNode(bed, node, script, 'run');
    must(
      ran.exitCode === 0 && (await tables(node)) === '',
      `${node} run: ${ran.seconds.toFixed(1)} s; ${lastLines(ran, 1)}`,
    );
    const undone = await onNode(bed, node, script, `undo ${backUpOf(ran.stdout)}`);
    must(undone.exitCode === 0, `${node} undo: ${lastLines(undone, 1)}`);
    must(
      sorted(await tables(node)) === sorted(before),
      `${node} the tables are back, ${before.split('\n').length} lines`,
    );
    must((await onNode(bed, node, script, 'run')).exitCode === 0, `${node} run again`);
    const twice = await onNode(bed, node, script, 'run');
    must(twice.stdout.includes('Nothing to do'), `${node} and once more: ${lastLines(twice, 1)}`);
    must(
      JSON.stringify(await nodeRules(bed, node)) === JSON.stringify(rules[node]),
      `${node} iptables are what they were`,
    );
  }
  const { requests: asked, failures } = await loop.stop();
  must(
    failures.length === 0,
    `${asked} requests meanwhile, ${failures.length} failed ${failures.slice(0, 3).join('; ')}`,
  );
  must((await left(bed)).length === 0, 'doctor: nothing of kube-proxy is left');
  await end(bed);
}

async function large(): Promise<void> {
  const count = Number(process.env['KPR_PROOF_SERVICES'] ?? 5000);
  const bed = await Bed.up({ nodes: 1, helm: { 'bpf.lbMapMax': 131_072 } });
  await createServices(bed, count, 3);
  say(`${count} Services of three endpoints each`);
  await bed.kubeProxy('iptables');
  const synced = performance.now();
  await bed.node(
    'n1',
    'bash',
    '-c',
    `until [ $(iptables-nft-save -t nat | grep -c '^:KUBE-SVC-') -ge ${count} ]; do sleep 2; done`,
  );
  say(`kube-proxy has written its rules: ${((performance.now() - synced) / 1000).toFixed(0)} s`);
  await bed.kubeProxy('none');
  await bed.kubectl('-n', 'kube-system', 'wait', '--for=delete', 'pod', '-l', 'k8s-app=kube-proxy', '--timeout=120s');
  await addForeignRules(bed, 'n1', { marks: false });
  const before = await nodeRules(bed, 'n1');
  const slow = ['--timeout', '300s', '--node-timeout', '120s'];
  const written = await cleanup(bed, '-o', folder, '--overwrite', ...slow);
  const script = join(folder, 'cleanup-n1.sh');
  must(
    written.exitCode === 0,
    `cleanup -o: ${written.seconds.toFixed(1)} s, ${(readFileSync(script).length / 1e6).toFixed(2)} MB; ${written.stdout.split('\n')[0]} ${written.stderr}`,
  );
  const checked = await onNode(bed, 'n1', script, 'check');
  must(checked.exitCode === 0, `check: ${checked.seconds.toFixed(1)} s; ${lastLines(checked, 1)}`);
  const loop = await requests(bed);
  const applied = await cleanup(bed, '--apply', '--node', 'n1', '--yes', ...slow);
  must(applied.exitCode === 0, `--apply: ${applied.seconds.toFixed(1)} s in all; ${lastLines(applied, 4)}`);
  const { requests: asked, failures } = await loop.stop();
  must(
    failures.length === 0,
    `${asked} requests meanwhile, ${failures.length} failed ${failures.slice(0, 3).join('; ')}`,
  );
  othersAreTheSame(before, await nodeRules(bed, 'n1'), nothingKept, 'n1');
  const undone = await timed(() => bed.run(['agent', 'n1', 'bash', `${backUpOf(applied.stdout)}/undo`]));
  must(undone.exitCode === 0, `undo: ${undone.seconds.toFixed(1)} s; ${lastLines(undone, 1)}`);
  must(JSON.stringify(await nodeRules(bed, 'n1')) === JSON.stringify(before), 'every rule is back at its place');
  const again = await onNode(bed, 'n1', script, 'run');
  must(again.exitCode === 0, `run again: ${again.seconds.toFixed(1)} s; ${lastLines(again, 1)}`);
  await end(bed);
}

async function end(bed: Bed): Promise<void> {
  await bed.down();
  for (const line of await bed.leftovers()) problems.push(`left over: ${line}`);
}

const scenarios: Readonly<Record<string, () => Promise<void>>> = { iptables, nftables, large };
try {
  await runScenarios(scenarios, say);
} finally {
  for (const name of readdirSync(folder))
    if (process.env['KPR_PROOF_KEEP'] !== undefined) say(`kept: ${join(folder, name)}`);
  if (process.env['KPR_PROOF_KEEP'] === undefined) rmSync(folder, { recursive: true, force: true });
}
say(problems.length === 0 ? 'all of it holds' : `${problems.length} do not hold:\n${problems.join('\n')}`);
process.exit(problems.length === 0 ? 0 : 1);
