import { execFileSync } from 'node:child_process';
import { lazyLoaders } from '../../../src/app/lazyLoaders.ts';
import { main } from '../../../src/cli/main.ts';
import { missing } from '../../../src/model/Fact.ts';
import type { AnswerName, DocumentName, RawAnswer, RawDocuments, RawNode } from '../../../src/model/raw.ts';
import { isRecord } from '../../../src/text/isRecord.ts';
import { type Damage, lostAnswers } from '../../report/damagedAnswers.ts';
import { fakeIo } from '../fakeIo.ts';
import type { RawCapture } from '../RawCapture.ts';
import { Mutator } from './Mutator.ts';
import { recordingOf, sourceOf } from './recorded.ts';

const recordings = ['healthy-1.18', 'healthy-1.20', 'kube-proxy-iptables', 'kube-proxy-nftables', 'stale-backends'];
const lines = [
  'verify --from x',
  'verify --from x -o json',
  'doctor --from x',
  'doctor --from x -v',
  'doctor --from x -o json',
  'trace httpd --from x',
  'trace kube-dns -n kube-system --from x -o json',
  'diff whole x',
  'diff whole x -o json',
  'cleanup --trust-archive --from x',
];

/** What a tenant may write, and, of the others, what an archive may. */
const documents: readonly DocumentName[] = [
  'services',
  'endpointSlices',
  'pods',
  'systemPods',
  'daemonSets',
  'nodes',
  'deployments',
  'ciliumConfig',
  'kubeadmConfig',
];

export interface Fuzzed {
  readonly runs: number;
  /** What must not be, with the number of the input: the first fifty. */
  readonly complaints: readonly string[];
  /** How often each exit code. */
  readonly exitCodes: Readonly<Record<string, number>>;
  /** Distinct commands that were printed, all of which a shell can read. */
  readonly commands: number;
  /** Where an answer was lost that is needed. */
  readonly lost: number;
  readonly slowest: { readonly ms: number; readonly line: string };
}

/**
 * Whole commands on recordings in which objects and answers were changed at random. Complains of what must not be: an
 * exit code that there is not, a stack trace, a control character, a success where an answer is lost, a command that no
 * shell reads.
 */
export async function fuzzCommands(
  runs: number,
  seed: number,
  onProgress: (done: number) => void = () => {},
): Promise<Fuzzed> {
  const all = await Promise.all(
    recordings.map(async (name): Promise<Base> => ({
      capture: await recordingOf(`test/fixtures/recordings/${name}.kpr`),
      isHealthy: name.startsWith('healthy'),
    })),
  );
  const exitCodes: Record<string, number> = {};
  const commands = new Set<string>();
  const complaints: string[] = [];
  let lost = 0;
  let slowest = { ms: 0, line: '' };
  for (let run = 0; run < runs; run++) {
    const mutator = new Mutator(seed + run);
    const base = mutator.pick(all);
    const mutant = mutated(base, mutator);
    const line = mutator.pick(lines);
    const io = fakeIo();
    // Of the processor: other programs may want it, too.
    const start = process.cpuUsage();
    const exitCode = await main(line.split(' '), io, {
      ...lazyLoaders,
      openArchive: async (path) => sourceOf(path === 'whole' ? base.capture : mutant.capture),
    });
    const { user, system } = process.cpuUsage(start);
    const ms = Math.round((user + system) / 1000);
    if (ms > slowest.ms) slowest = { ms, line };
    exitCodes[exitCode] = (exitCodes[exitCode] ?? 0) + 1;
    if (mutant.lost !== undefined) lost += 1;
    const output = io.stdout.text + io.stderr.text;
    const wrong = complaintOf(line, exitCode, output, mutant.lost) ?? (ms > 10_000 ? `it took ${ms} ms` : undefined);
    if (wrong !== undefined && complaints.length < 50) complaints.push(`input ${seed + run} (${line}): ${wrong}`);
    if (line.endsWith('json') && io.stdout.text !== '') collectCommands(JSON.parse(io.stdout.text), commands);
    if (run % 1000 === 999) onProgress(run + 1);
  }
  complaints.push(...unreadableAmong([...commands]).map((command) => `no shell reads: ${command}`));
  return { runs, complaints, exitCodes, commands: commands.size, lost, slowest };
}

// oxlint-disable-next-line no-control-regex -- none of them may get out
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

function complaintOf(line: string, exitCode: number, output: string, lost: string | undefined): string | undefined {
  if (![0, 1, 2, 3].includes(exitCode)) return `exit code ${exitCode}`;
  if (/this is a bug|has a bug|\n\s+at [^\n]*:\d+:\d+\)?/.test(output)) return 'a bug';
  if (unsafe.test(output)) return `a control character: ${JSON.stringify(unsafe.exec(output)?.[0])}`;
  if (lost !== undefined && exitCode === 0 && line.startsWith('verify')) return `a success without ${lost}`;
  return undefined;
}

/** Of a cluster with kube-proxy, or with other faults, not all that is asked is needed. */
interface Base {
  readonly capture: RawCapture;
  readonly isHealthy: boolean;
}

interface Mutant {
  readonly capture: RawCapture;
  /** The answer that is needed and was taken away. */
  readonly lost: string | undefined;
}

function mutated({ capture: whole, isHealthy }: Base, mutator: Mutator): Mutant {
  const documents = mutator.random() < 0.7 ? withHostileObjects(whole.documents, mutator) : whole.documents;
  const [first, ...others] = whole.nodes;
  if (first === undefined) throw new Error('a recording without nodes');
  if (mutator.random() < 0.5) {
    const name = mutator.pick(Object.keys(first.answers) as AnswerName[]);
    const damage = mutator.pick(['absent', 'empty', 'garbage'] as const);
    const node = without(first, name, damage);
    const lost = isHealthy ? lostOf(first, name, damage) : undefined;
    return { capture: { ...whole, documents, nodes: [node, ...others] }, lost };
  }
  const nodes = mutator.random() < 0.7 ? whole.nodes.map((node) => withDamage(node, mutator)) : whole.nodes;
  return { capture: { ...whole, documents, nodes }, lost: undefined };
}

function withHostileObjects(all: RawDocuments, mutator: Mutator): RawDocuments {
  const name = mutator.pick(documents);
  const document = all[name];
  if ('missing' in document) return all;
  const { value } = document;
  if (!Array.isArray(value)) return { ...all, [name]: { ...document, value: mutator.object(value) } };
  if (value.length === 0) return all;
  const made = Array.from({ length: 1 + mutator.below(3) }, () => mutator.object(mutator.pick(value)));
  // Beside the others, as a tenant's, or in place of one of them.
  const kept = mutator.random() < 0.5 ? value : value.filter(() => mutator.random() > 0.2);
  return { ...all, [name]: { ...document, value: [...made, ...(kept as unknown[])] } };
}

function without(node: RawNode, name: AnswerName, damage: Damage): RawNode {
  const { [name]: was, ...others } = node.answers;
  if (damage === 'absent' || was === undefined || 'missing' in was) return { ...node, answers: others };
  return { ...node, answers: { ...others, [name]: { ...was, text: damage === 'empty' ? '' : 'xyzzy {{{ \u0001' } } };
}

/** What is not asked for is not lost. */
function lostOf(node: RawNode, name: AnswerName, damage: Damage): string | undefined {
  const answer = node.answers[name];
  if (answer === undefined || 'missing' in answer) return undefined;
  const row = lostAnswers[name];
  return row === undefined || row[damage] !== undefined ? undefined : `${name} (${damage})`;
}

function withDamage(node: RawNode, mutator: Mutator): RawNode {
  const name = mutator.pick(Object.keys(node.answers) as AnswerName[]);
  const was = node.answers[name];
  if (was === undefined) return node;
  return { ...node, answers: { ...node.answers, [name]: damagedAnswer(was, mutator) } };
}

function damagedAnswer(was: RawAnswer, mutator: Mutator): RawAnswer {
  if ('missing' in was) return mutator.random() < 0.5 ? was : missing('timeout', mutator.text(was.detail));
  if (mutator.random() < 0.2)
    return { ...was, exitCode: mutator.pick([1, 2, 126, 127]), stderr: mutator.text('no such file') };
  return { ...was, text: mutator.text(was.text) };
}

const commandKeys = new Set(['command', 'precondition', 'check', 'undo']);

/** Whatever a document offers to be pasted. */
function collectCommands(value: unknown, into: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) collectCommands(one, into);
  if (!isRecord(value)) return;
  for (const [key, one] of Object.entries(value)) {
    if (commandKeys.has(key) && typeof one === 'string' && /^[a-z]/.test(one) && one.includes(' ')) into.add(one);
    else collectCommands(one, into);
  }
}

function unreadableAmong(commands: readonly string[]): readonly string[] {
  if (isReadable(commands.join('\n'))) return [];
  return commands.filter((command) => !isReadable(command)).slice(0, 10);
}

function isReadable(script: string): boolean {
  try {
    execFileSync('bash', ['-n'], { input: `${script}\n`, stdio: ['pipe', 'ignore', 'ignore'] });
    return true;
  } catch {
    return false;
  }
}
