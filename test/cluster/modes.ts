// node test/cluster/modes.ts [SCENARIO...]: brings each kind of cluster up, tries every way to its Services,
// asks kubectl-kpr, takes it down, and proves that nothing of it is left on the machine; at last, nor of runs
// that were ended.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bed, BedError } from './lib/Bed.ts';
import { endRunsEarly } from './interruptions.ts';
import { askedByKpr, writesOf } from './lib/auditLog.ts';
import { followReadme } from './lib/followReadme.ts';
import { kpr, runKpr, serious, showFinding } from './lib/kpr.ts';
import { endProbePodsEarly } from './probePods.ts';
import { requestLoop, traffic } from './lib/traffic.ts';
import { scenarios, type Scenario } from './scenarios.ts';

const wanted = process.argv.slice(2);
const names = [...scenarios.map(({ name }) => name), 'interruptions'];
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no scenario ${unknown.join(', ')}; there are: ${names.join(', ')}`);
  process.exit(64);
}

let failures = 0;
for (const scenario of scenarios.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const started = Date.now();
  const seconds = (): string => `${Math.round((Date.now() - started) / 1000)} s`;
  try {
    const bed = await Bed.up(scenario);
    const up = seconds();
    const problems =
      scenario.followsReadme === true
        ? [...(await followReadme(bed, scenario.cilium ?? ''))]
        : [
            ...(await traffic(bed, scenario)),
            ...(await examine(bed, scenario)),
            ...(await upgrade(bed, scenario)),
            ...(scenario.endsProbePods === true ? await endProbePodsEarly(bed) : []),
          ];
    await bed.down();
    problems.push(...(await bed.leftovers()).map((line) => `left over: ${line}`));
    failures += problems.length;
    console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${scenario.name}: up in ${up}, done after ${seconds()}`);
    for (const problem of problems) console.log(`     ${problem}`);
  } catch (error) {
    if (!(error instanceof BedError)) throw error;
    if (error.unavailable) {
      console.error(error.message);
      process.exit(69);
    }
    failures++;
    console.log(`FAIL ${scenario.name} after ${seconds()}: ${error.message}`);
    Bed.takeAllDown();
  }
}
if (wanted.length === 0 || wanted.includes('interruptions')) {
  const problems = await endRunsEarly();
  failures += problems.length;
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} interruptions`);
  for (const problem of problems) console.log(`     ${problem}`);
}
process.exit(failures === 0 ? 0 : 1);

/** Where nothing is wrong, kubectl-kpr must say so. */
async function examine(bed: Bed, { cilium, findings: expected = [] }: Scenario): Promise<readonly string[]> {
  if (cilium === 'none') return [];
  const problems: string[] = [];
  for (const [command, ...flags] of [['doctor'], ['verify'], ['doctor', '--connect']] as const) {
    const asked = [command, ...flags].join(' ');
    const { findings, unknown, exitCode, seconds, stderr } = await kpr(bed, command, flags);
    const codes = serious(findings).map(({ code }) => code);
    console.log(
      `     ${asked}: exit ${exitCode} after ${seconds.toFixed(1)} s, ${codes.join(', ') || 'nothing found'}`,
    );
    for (const code of expected) if (!codes.includes(code)) problems.push(`${asked} missed ${code}`);
    for (const finding of serious(findings))
      if (!expected.includes(finding.code)) problems.push(`${asked}, false alarm: ${showFinding(finding)}`);
    const isError = findings.some(({ severity }) => severity === 'error');
    if (exitCode !== (isError ? 1 : 0))
      problems.push([`${asked} ended with ${exitCode}`, ...unknown, stderr.trim()].join('; '));
  }
  return [...problems, ...(await onlyReads(bed))];
}

/** Whatever is asked, the API servers' audit logs hold reading requests and execs only. */
async function onlyReads(bed: Bed): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kpr-audit-'));
  const capture = join(folder, 'x.kpr');
  const redacted = join(folder, 'redacted.kpr');
  for (const args of [
    ['trace', 'svc/kubernetes'],
    ['capture', '-o', capture],
    ['capture', '--redact', '-o', redacted],
    ['diff', capture],
    ['cleanup'],
  ])
    await runKpr(bed, args);
  rmSync(folder, { recursive: true });
  const asked = askedByKpr(bed);
  console.log(`     audit log: ${asked.length} requests of kubectl-kpr`);
  if (asked.length === 0) return ['no request of kubectl-kpr stands in the audit log'];
  return writesOf(asked).map((request) => `not a reading request: ${request}`);
}

/** Each version in turn, while a pod asks the Service; what fails is told with its version. */
async function upgrade(bed: Bed, scenario: Scenario): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const version of scenario.upgrades ?? []) {
    const loop = await requestLoop(bed);
    await bed.cilium(version, scenario.helm);
    const { requests, failures: failed } = await loop.stop();
    console.log(`     ${version}: ${requests} requests during the upgrade, ${failed.length} failed`);
    problems.push(...failed.map((line) => `during the upgrade to ${version}: ${line}`));
    problems.push(...(await traffic(bed, scenario)).map((line) => `after the upgrade to ${version}: ${line}`));
    problems.push(...(await examine(bed, scenario)).map((line) => `after the upgrade to ${version}: ${line}`));
  }
  return problems;
}
