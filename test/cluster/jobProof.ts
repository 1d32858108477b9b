// node test/cluster/jobProof.ts [CILIUM]: runs `verify` in shards by a Job on a real cluster of three nodes, with that
// version of Cilium, merges what they left, and holds it against one run. Then one shard is killed once, and then each
// time. `npm run package` comes first: the image of the Job holds the executable.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { Bed } from './lib/Bed.ts';
import { runKpr } from './lib/kpr.ts';

const executable = join(import.meta.dirname, '../../dist/kubectl-kpr');
const image = 'docker.io/library/kubectl-kpr:bed';
const job = 'kubectl-kpr-verify';
const shards = 3;

const problems: string[] = [];
function expect(what: string, holds: boolean, said = ''): void {
  console.log(`${holds ? '  ok ' : 'NOT OK'} ${what}${said === '' ? '' : `: ${said}`}`);
  if (!holds) problems.push(what);
}

/** The executable, and the libraries that it loads, where every node can import it. */
function packImage(archive: string): void {
  const root = mkdtempSync(join(tmpdir(), 'kpr-image-'));
  try {
    const loaded = execFileSync('ldd', [executable], { encoding: 'utf8' }).match(/\/[^ ]+/g) ?? [];
    for (const file of loaded) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      cpSync(realpathSync(file), join(root, file));
    }
    mkdirSync(join(root, 'usr/local/bin'), { recursive: true });
    cpSync(executable, join(root, 'usr/local/bin/kubectl-kpr'));
    const config = JSON.stringify({ Env: ['PATH=/usr/local/bin'] });
    const line = `${image}\t${root}\t${config}\n`;
    execFileSync(process.execPath, [join(import.meta.dirname, 'lib/image.ts'), archive], { input: line });
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Ends the program of a shard each time it runs, so many times. */
async function killShard(index: number, times: number): Promise<number> {
  let killed = 0;
  for (const limit = Date.now() + 120_000; killed < times && Date.now() < limit; await sleep(30)) {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      if (!isShard(pid, index)) continue;
      try {
        process.kill(Number(pid), 'SIGKILL');
        killed += 1;
      } catch {
        // It has ended by itself.
      }
    }
  }
  return killed;
}

function isShard(pid: string, index: number): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return (
      words.includes(`JOB_COMPLETION_INDEX=${index}`) &&
      words.some((word) => word.startsWith(`HOSTNAME=${job}-`)) &&
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('kubectl-kpr\0')
    );
  } catch {
    return false;
  }
}

const apply = ['job', '--image', image, '--shards', String(shards), '--apply', '--yes'];

async function report(bed: Bed, args: readonly string[]): Promise<ReportDocument> {
  const { stdout, stderr } = await runKpr(bed, [...args, '-o', 'json']);
  if (stdout === '') throw new Error(`${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout) as ReportDocument;
}

/** When the Job has ended, complete or failed. */
const mergeAtEnd = (bed: Bed): Promise<ReportDocument> => report(bed, ['merge', '--job', job, '--wait']);
const remove = (bed: Bed): Promise<string> =>
  bed.kubectl('-n', 'kube-system', 'delete', 'job', job, '--cascade=foreground', '--wait=true');
const podsOf = (bed: Bed): Promise<string> =>
  bed.kubectl('-n', 'kube-system', 'get', 'pods', '-l', `batch.kubernetes.io/job-name=${job}`, '--no-headers');

const codesIn = ({ findings }: ReportDocument): string =>
  findings.map(({ code, nodes, message }) => `${code} ${nodes.join(',')} ${message}`).join('; ');

async function prove(bed: Bed): Promise<void> {
  const archive = join(dirname(bed.kubeconfig), 'kubectl-kpr.tar');
  packImage(archive);
  for (const node of ['n1', 'n2', 'n3'])
    await bed.node(
      node,
      'ctr',
      '-n',
      'k8s.io',
      'images',
      'import',
      '--local',
      `/run/bed/beds/${bed.id}/kubectl-kpr.tar`,
    );
  rmSync(archive);

  const printed = await runKpr(bed, [...apply.slice(0, -2), '--with-role']);
  expect('job prints', printed.exitCode === 0 && printed.stdout.includes('completionMode: Indexed'));
  expect('and creates nothing', (await podsOf(bed)) === '');
  const created = await runKpr(bed, [...apply, '--with-role']);
  expect(
    'job --apply --yes creates',
    created.exitCode === 0,
    created.stderr || created.stdout.split('\n', 6).join(', '),
  );
  const merged = await mergeAtEnd(bed);
  console.log(await podsOf(bed));
  const single = await report(bed, ['verify']);
  expect(
    'the report of merge is that of verify',
    told(merged) === told(single),
    `${merged.verdict} ${merged.exitCode}, ${merged.coverage.nodes.read} nodes; verify: ${single.verdict} ${single.exitCode}; ${codesIn(merged)} | ${codesIn(single)}`,
  );
  expect('its role suffices', !merged.findings.some(({ code }) => code === 'KPR9001'));
  expect('all nodes are read', merged.coverage.nodes.read === 3 && merged.exitCode === 0, merged.verdict);
  await remove(bed);

  await runKpr(bed, apply);
  const once = await killShard(2, 1);
  const retried = await mergeAtEnd(bed);
  console.log(await podsOf(bed));
  expect(
    'a shard that was killed once is tried again by the Job',
    once === 1 && retried.exitCode === 0,
    retried.verdict,
  );
  await remove(bed);

  await runKpr(bed, apply);
  const [killed, lost] = await Promise.all([killShard(2, 3), mergeAtEnd(bed)]);
  console.log(await podsOf(bed));
  console.log((await runKpr(bed, ['merge', '--job', job])).stdout);
  const why = /^shard 3 of 3 \(index 2\) left nothing: it failed 3 times \(.*exit code 137\)$/;
  expect(
    'one that is killed three times is named',
    killed === 3 && lost.coverage.nodes.lostShards?.every((one) => why.test(one)) === true,
    lost.coverage.nodes.lostShards?.join('; '),
  );
  expect(
    'its nodes are unknown, and the gate is not passed',
    lost.exitCode === 3 && lost.coverage.nodes.notRead.length === 2,
    lost.coverage.nodes.notRead.map(({ node }) => node).join(', '),
  );
  await remove(bed);
}

/** Of each finding and of each check what was said, and of what was looked at all. */
const told = ({ verdict, exitCode, checks, coverage, findings }: ReportDocument): string =>
  JSON.stringify({
    verdict,
    exitCode,
    checks: checks.map(({ id, result, unknown }) => [id, result, unknown]),
    nodes: coverage.nodes,
    asked: coverage.frontends?.asked,
    served: coverage.frontends?.served,
    findings: findings.map(({ code, variant, nodes, objects }) => [code, variant, nodes, objects]),
  });

if (!existsSync(executable)) throw new Error(`there is no ${executable}: npm run package`);
const bed = await Bed.up({ nodes: 3, cilium: process.argv[2] ?? '1.20.2' });
try {
  await prove(bed);
} finally {
  await bed.down();
}
for (const one of await bed.leftovers()) problems.push(`left over: ${one}`);
console.log(problems.length === 0 ? 'all as it should be' : `NOT OK: ${problems.join('; ')}`);
process.exitCode = problems.length === 0 ? 0 : 1;
