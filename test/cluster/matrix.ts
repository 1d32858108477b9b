// node test/cluster/matrix.ts [FAULT...]: the fault matrix on a real cluster. Each fault is made, must be found by its
// code on the right node, and nothing else may be found. Then what is printed is done, as it is printed, until nothing
// is found any more; where that is not possible, the fault's own repair is made, and the cluster must be clean again. A
// fault that fails is tried once more on a fresh cluster before it counts. Writes docs/fault-matrix.md when all faults
// were run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faults } from './faults/index.ts';
import { agentsOldEnough } from './lib/agentsOldEnough.ts';
import { Bed, BedError } from './lib/Bed.ts';
import type { Fault } from './lib/Fault.ts';
import { followRemedy } from './lib/followRemedy.ts';
import { type Answer, type Finding, isInLittle, kpr, serious, showFinding } from './lib/kpr.ts';
import { native, nativeDual, pooled } from './scenarios.ts';

const root = join(import.meta.dirname, '..', '..');
const wanted = process.argv.slice(2);
const unknown = wanted.filter((id) => !faults.some((fault) => fault.id === id));
if (unknown.length > 0) {
  console.error(`no fault ${unknown.join(', ')}; there are: ${faults.map(({ id }) => id).join(', ')}`);
  process.exit(64);
}
const selected = faults.filter(({ id, onlyByName }) =>
  wanted.length === 0 ? onlyByName === undefined : wanted.includes(id),
);

const cilium = process.env['KPR_MATRIX_CILIUM'] ?? '1.19.6';
const dualStack = process.env['KPR_MATRIX_DUAL_STACK'] === '1';
const isNative = process.env['KPR_MATRIX_NATIVE'] === '1';
const isPooled = process.env['KPR_MATRIX_POOLS'] === '1';
/** So many clusters at once share the faults. */
const clusters = Number(process.env['KPR_MATRIX_BEDS'] ?? 1);

/** `followed`: what was printed was done, and the cluster was clean. */
type Followed = 'followed' | 'repaired' | 'failed';

interface Outcome {
  readonly fault: Fault;
  readonly found: readonly string[];
  readonly remedy: Followed;
  readonly problems: readonly string[];
  readonly answerSeconds: number;
  readonly cleanSeconds: number;
}

/** In place of codes: exit 2, with a sentence that says why. */
const cannotJudge = 'that it cannot be judged';

const seconds = (since: number): number => (performance.now() - since) / 1000;
const sleep = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1000));

const doctor = (bed: Bed, flags?: readonly string[]): Promise<Answer> => kpr(bed, 'doctor', flags);

const matches = (finding: Finding, { code, nodes, object, from }: Fault['expect'][number]): boolean =>
  finding.code === code &&
  (from === undefined || finding.likelyCauses.includes(from)) &&
  (nodes === undefined ||
    (nodes.length === finding.nodes.length && nodes.every((node) => finding.nodes.includes(node)))) &&
  (object === undefined || finding.objects.some(({ namespace, name }) => `${namespace}/${name}` === object));

async function examine(bed: Bed, fault: Fault): Promise<Outcome> {
  const problems: string[] = [];
  const repair = await fault.inject(bed);
  let answer: Answer | undefined;
  let followed: Followed = 'repaired';
  let cleanSeconds = 0;
  try {
    await sleep(fault.showsAfter ?? 0);
    answer = await doctor(bed, fault.flags);
    const { findings, exitCode } = answer;
    for (const one of fault.expect) {
      if (!findings.some((finding) => matches(finding, one)))
        problems.push(
          `missed: ${one.code}${one.nodes ? ` on ${one.nodes.join(', ')}` : ''}${one.object ? ` (${one.object})` : ''}${one.from ? ` as what follows from ${one.from}` : ''}`,
        );
    }
    const explained = new Set([...fault.expect.map(({ code }) => code), ...(fault.also ?? [])]);
    for (const finding of serious(findings))
      if (!explained.has(finding.code)) problems.push(`false alarm: ${showFinding(finding)}`);
    const expectedExit = fault.exitCode ?? (fault.expect.length === 0 ? 0 : 1);
    if (exitCode !== expectedExit)
      problems.push(`exit ${exitCode} instead of ${expectedExit}: ${answer.stderr.trim()}`);
    if (fault.says !== undefined && !fault.says.test(answer.stderr))
      problems.push(`does not say ${fault.says}, but: ${answer.stderr.trim()}`);
    followed = await cure(bed, fault, answer, problems);
    const before = problems.length;
    if (followed === 'followed')
      cleanSeconds = await untilClean(bed, { cleanWithin: agentStartSeconds }, problems, performance.now());
    if (problems.length > before) followed = 'failed';
  } finally {
    // A repair of what the remedy repaired would break it again: rows of a map that was written anew are others.
    if (followed === 'followed') await fault.tidy?.(bed);
    else {
      const repaired = performance.now();
      await repair();
      // Half of a remedy may have been done.
      if (followed === 'failed') await fault.tidy?.(bed);
      cleanSeconds = await untilClean(bed, fault, problems, repaired);
    }
  }
  return {
    fault,
    found: answer.exitCode === 2 && answer.findings.length === 0 ? [cannotJudge] : codesToShow(answer.findings, fault),
    remedy: followed,
    problems,
    answerSeconds: answer.seconds,
    cleanSeconds,
  };
}

/** One finding after the other: what one remedy leaves behind, the next takes away (kube-proxy, then its rules). */
const mostRemedies = 5;

/** Does what is printed until nothing is found that says what to do. */
async function cure(bed: Bed, fault: Fault, first: Answer, problems: string[]): Promise<Followed> {
  const { remedy, cleanWithin = 30 } = fault;
  if (typeof remedy === 'object' && 'not' in remedy) return 'repaired';
  const decisions = remedy === 'executed' ? {} : remedy.decided;
  let answer = first;
  for (let i = 0; i < mostRemedies; i += 1) {
    const cause = rootCause(answer, i === 0 ? fault.expect : []);
    if (cause === undefined) return i === 0 ? 'repaired' : 'followed';
    const wrong = await followRemedy(bed, cause, decisions);
    if (wrong.length > 0) {
      problems.push(...wrong.map((one) => `remedy: ${one}`));
      return 'failed';
    }
    answer = await untilOther(bed, cause, Math.max(cleanWithin, agentStartSeconds));
    if (serious(answer.findings).some((one) => showFinding(one) === showFinding(cause))) {
      problems.push(`remedy: ${showFinding(cause)} is still there`);
      return 'failed';
    }
  }
  problems.push(`remedy: after ${mostRemedies} of them there is still something to do`);
  return 'failed';
}

/** What an agent needs to be back and done. */
const agentStartSeconds = 150;

/** The first that nothing else brought about; at first among what the fault is to be found by, notes included. */
function rootCause({ findings }: Answer, expect: Fault['expect']): Finding | undefined {
  const causes = findings.filter(({ likelyCauses }) => likelyCauses.length === 0);
  return causes.find((one) => expect.some((expected) => matches(one, expected))) ?? serious(causes)[0];
}

/** Asks until the finding is gone, or for as long as that may take. */
async function untilOther(bed: Bed, cause: Finding, limit: number): Promise<Answer> {
  const since = performance.now();
  for (;;) {
    const answer = await doctor(bed);
    const isThere = serious(answer.findings).some((one) => showFinding(one) === showFinding(cause));
    const isReplaced = answer.findings.some(({ code }) => code === 'KPR1001' || code === 'KPR9002');
    if ((!isThere && !isReplaced) || seconds(since) > limit) return answer;
    await sleep(3);
  }
}

/** Notes only where a note is what must be found. */
const codesToShow = (findings: readonly Finding[], { expect }: Fault): string[] => [
  ...new Set(
    findings
      .filter((one) => one.severity !== 'info' || expect.some((expected) => matches(one, expected)))
      .map(({ code }) => code),
  ),
];

/** It could not be made, or not be repaired: those that come after it may fail for that, and are run again like it. */
function notMade(fault: Fault, error: unknown): Outcome {
  if (!(error instanceof BedError)) throw error;
  return { fault, found: [], remedy: 'failed', problems: [error.message], answerSeconds: 0, cleanSeconds: 0 };
}

async function untilClean(
  bed: Bed,
  fault: Pick<Fault, 'cleanWithin'>,
  problems: string[],
  since: number,
): Promise<number> {
  const limit = fault.cleanWithin ?? 30;
  for (;;) {
    const { findings, exitCode } = await doctor(bed);
    const left = serious(findings);
    if (left.length === 0 && exitCode === 0) return seconds(since);
    if (seconds(since) > limit) {
      problems.push(`not clean ${limit} s after the repair: ${left.map(showFinding).join('; ') || `exit ${exitCode}`}`);
      return seconds(since);
    }
    await sleep(2);
  }
}

/** Up, clean, and with agents that are old enough to be judged. */
async function freshCluster(id: number): Promise<Bed> {
  const helm = isNative ? (dualStack ? nativeDual : native) : isPooled ? pooled : {};
  const options = { id, nodes: 2, cilium, dualStack, helm };
  const bed = await Bed.up(options).catch((error: unknown) => {
    if (!(error instanceof BedError) || error.unavailable) throw error;
    console.log(`     ${error.message}\n     once more`);
    return Bed.up(options);
  });
  const { findings, exitCode } = await doctor(bed);
  const wrong = serious(findings);
  if (wrong.length > 0 || exitCode !== 0)
    throw new Error(`the healthy cluster is not clean: ${wrong.map(showFinding).join('; ')}, exit ${exitCode}`);
  console.log('     healthy, nothing found');
  await agentsOldEnough(bed);
  return bed;
}

const outcomes: Outcome[] = [];
const failed: Fault[] = [];
const begin = performance.now();

async function run(list: readonly Fault[], isLast: boolean): Promise<void> {
  const left = [...list];
  const first = Bed.at().id;
  const ids = Array.from({ length: Math.min(clusters, left.length) }, (_, i) => first + i);
  await Promise.all(ids.map((id) => runOn(id, left, isLast)));
}

/** @param left those that no cluster has taken as yet */
async function runOn(id: number, left: Fault[], isLast: boolean): Promise<void> {
  const bed = await freshCluster(id);
  for (let fault = left.shift(); fault !== undefined; fault = left.shift()) {
    const outcome = await examine(bed, fault).catch((error: unknown) => notMade(fault, error));
    const good = outcome.problems.length === 0;
    console.log(
      `${good ? 'ok  ' : 'FAIL'} ${fault.id}: ${outcome.found.join(', ') || 'nothing'} after ${outcome.answerSeconds.toFixed(1)} s, ${outcome.remedy}, clean again after ${outcome.cleanSeconds.toFixed(0)} s`,
    );
    for (const problem of outcome.problems) console.log(`     ${problem}`);
    if (good || isLast) outcomes.push(outcome);
    else failed.push(fault);
  }
  await bed.down();
  const leftovers = await bed.leftovers();
  if (leftovers.length > 0) throw new Error(`left over on the machine: ${leftovers.join('; ')}`);
}

try {
  await run(selected, false);
  if (failed.length > 0) {
    console.log(`once more on a fresh cluster: ${failed.map(({ id }) => id).join(', ')}`);
    await run([...failed], true);
  }
} catch (error) {
  Bed.takeAllDown();
  if (error instanceof BedError && error.unavailable) {
    console.error(error.message);
    console.log(`0 passed, 0 failed, ${selected.length} skipped`);
    process.exit(69);
  }
  throw error;
}
const bad = outcomes.filter(({ problems }) => problems.length > 0);
if (wanted.length === 0 && !isInLittle) writePage(outcomes);
console.log(`the matrix took ${(seconds(begin) / 60).toFixed(1)} minutes`);
console.log(`${outcomes.length - bad.length} passed, ${bad.length} failed`);
process.exit(bad.length === 0 ? 0 : 1);

function remedyWords({ remedy }: Fault, followed: Followed): string {
  if (followed === 'failed') return '**did not help**';
  if (typeof remedy === 'object' && 'not' in remedy) return `none: ${remedy.not}`;
  if (followed === 'repaired') return 'not tried';
  return remedy === 'executed' ? 'followed' : 'followed, decided';
}

/** docs/fault-matrix.md: fault × found × remedy × time to answer. */
function writePage(all: readonly Outcome[]): void {
  const order = new Map(faults.map(({ id }, i) => [id, i]));
  const rows = [...all]
    .sort((a, b) => (order.get(a.fault.id) ?? 0) - (order.get(b.fault.id) ?? 0))
    .map(
      ({ fault, found, remedy, problems, answerSeconds }) =>
        `| ${fault.title} | ${fault.expect.map(({ code, nodes }) => `${code}${nodes ? ` (${nodes.join(', ')})` : ''}`).join(', ') || (fault.exitCode === 2 ? cannotJudge : 'nothing')} | ${found.join(', ') || 'nothing'}${problems.length > 0 ? ` **${problems.join('; ')}**` : ''} | ${remedyWords(fault, remedy)} | ${answerSeconds.toFixed(1)} s |`,
    );
  const page = [
    '# Fault matrix',
    '',
    `Written by \`npm run test:cluster\`: real faults on a real cluster (two nodes, Cilium ${cilium}), and what \`doctor\` found. Before each fault`,
    'and after each repair the same cluster gave no finding. Notes (information) that nobody expected are left out of the table.',
    '“Followed”: the remedy that was printed was done to the letter, and repaired it; with “decided”, a person’s decisions were filled in.',
    '',
    '| fault | must be found | was found | remedy | answer after |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  mkdirSync(join(root, 'docs'), { recursive: true });
  writeFileSync(join(root, 'docs', 'fault-matrix.md'), page);
}
