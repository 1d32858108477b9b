import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openArchive } from '../../src/collect/archive/openArchive.ts';
import { KprError } from '../../src/core/KprError.ts';
import type { RunnablePhase } from '../../src/core/Phase.ts';
import { exitCodes } from '../../src/core/verdict.ts';
import { missing } from '../../src/model/Fact.ts';
import type { AnswerName, DocumentName, RawAnswer, RawDocument, RawDocuments, RawNode } from '../../src/model/raw.ts';
import { SnapshotBuilder } from '../../src/parse/SnapshotBuilder.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { aPlan } from '../support/aPlan.ts';
import { reportOf } from '../support/readRecording.ts';
import { type Damage, damages, lostAnswers, lostDocuments, type Outcome } from './damagedAnswers.ts';

// Unknown is never a pass: whichever answer of a healthy cluster is lost, `verify` says so, and finds nothing that is
// not
// there. What ends with 0 all the same stands in damagedAnswers.ts, with its reason.

interface Recording {
  readonly takenAt: string;
  readonly documents: RawDocuments;
  readonly nodes: readonly RawNode[];
}

type Printed = Extract<RawAnswer, { readonly text: string }>;

async function read(name: string): Promise<Recording> {
  const source = await openArchive(join(import.meta.dirname, `../fixtures/recordings/${name}.kpr`));
  const nodes: RawNode[] = [];
  let documents: RawDocuments | undefined;
  await source.read(
    aPlan(),
    { documents: (all) => void (documents = all), node: (node) => void nodes.push(node) },
    { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} },
  );
  if (documents === undefined) throw new Error(`${name} has no documents`);
  return { takenAt: source.takenAt, documents, nodes };
}

function judge({ takenAt, documents, nodes }: Recording, phase: RunnablePhase = 'verify'): ReportDocument {
  const builder = new SnapshotBuilder({
    origin: { kind: 'live', context: 'prod-1', server: 'https://10.0.0.1:6443', kubectl: 'kubectl' },
    takenAt,
    selectedNodes: undefined,
    ciliumNamespace: undefined,
  });
  builder.documents(documents);
  nodes.forEach((node) => builder.node(node));
  return reportOf(builder.build(), phase);
}

/** What a script sees, and what people are told that is wrong with their cluster. */
function seen(recording: Recording): { readonly exitCode: number; readonly findings: readonly string[] } {
  try {
    const { exitCode, findings } = judge(recording);
    return { exitCode, findings: findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code) };
  } catch (error) {
    if (error instanceof KprError) return { exitCode: exitCodes.couldNotRun, findings: [] };
    throw error;
  }
}

const garbage = 'xyzzy \u0001\u001b[31m {{{ \u202e 0xff';
/** In the middle of a line: what is cut between two lines is told by the capture (CaptureSource). */
function half(text: string): string {
  const cut = text.slice(0, text.length / 2);
  return cut.endsWith('\n') ? cut.slice(0, -2) : cut;
}

const textOf: Readonly<Record<Exclude<Damage, 'absent' | 'anothers'>, (text: string) => string>> = {
  empty: () => '',
  garbage: () => garbage,
  cut: half,
};

const codeOf = (recording: string, outcome: Outcome = 3): number =>
  typeof outcome !== 'object' ? outcome : outcome.not === recording ? exitCodes.couldNotVerify : exitCodes.ok;

const isPrinted = (answer: RawAnswer | undefined): answer is Printed => answer !== undefined && 'text' in answer;

/** As archives read them: of a text that is no JSON it is said that it is none. */
function lost(
  was: Exclude<RawDocument, { readonly missing: unknown }>,
  damage: keyof typeof textOf | 'absent' | 'listsNothing',
): RawDocument {
  if (damage === 'absent') return missing('notCollected', 'it is not in the archive');
  if (damage === 'listsNothing') return { ...was, value: [] };
  const text = textOf[damage](JSON.stringify(was.value));
  try {
    return { ...was, value: JSON.parse(text) as unknown };
  } catch {
    return missing('unparsed', `${was.source} is no JSON`);
  }
}

const recordings = ['healthy-1.18', 'healthy-1.19', 'healthy-1.20'];

describe.each(recordings)('%s', async (name) => {
  const recording = await read(name);
  const [first, second] = recording.nodes;
  if (first === undefined || second === undefined) throw new Error(`${name} has too few nodes`);
  const recorded = (Object.keys(first.answers) as AnswerName[]).filter((answer) => isPrinted(first.answers[answer]));
  const listed = (Object.keys(recording.documents) as DocumentName[]).filter(
    (document) => !('missing' in recording.documents[document]),
  );

  const withAnswer = (answer: AnswerName, to: RawAnswer | undefined): Recording => {
    const { [answer]: _, ...others } = first.answers;
    const answers = to === undefined ? others : { ...others, [answer]: to };
    return { ...recording, nodes: [{ ...first, answers }, ...recording.nodes.slice(1)] };
  };
  const withDocument = (document: DocumentName, to: RawDocument): Recording => ({
    ...recording,
    documents: { ...recording.documents, [document]: to },
  });

  test('is healthy', () => {
    expect(seen(recording)).toEqual({ exitCode: 0, findings: [] });
  });

  test('each answer and document that was recorded stands in the table', () => {
    expect(recorded.filter((answer) => lostAnswers[answer] === undefined)).toEqual([]);
    expect(listed.filter((document) => lostDocuments[document] === undefined)).toEqual([]);
  });

  test.each(recorded.flatMap((answer) => damages.map((damage) => [answer, damage] as const)))(
    '%s is %s',
    (answer, damage) => {
      const was = first.answers[answer];
      const other = second.answers[answer];
      if (!isPrinted(was)) throw new Error(`${answer} was not recorded`);
      // Where both nodes printed the same, nothing is exchanged.
      if (damage === 'anothers' && isPrinted(other) && other.text === was.text) return;
      const to =
        damage === 'absent' ? undefined : damage === 'anothers' ? other : { ...was, text: textOf[damage](was.text) };
      const { exitCode, findings } = seen(withAnswer(answer, to));
      expect({ exitCode }).toEqual({ exitCode: codeOf(name, lostAnswers[answer]?.[damage]) });
      if (exitCode !== exitCodes.findings) expect(findings.filter((code) => code !== 'KPR9003')).toEqual([]);
    },
  );

  test.each(
    listed.flatMap((document) =>
      (['absent', 'empty', 'garbage', 'cut', 'listsNothing'] as const).map((damage) => [document, damage] as const),
    ),
  )('%s is %s', (document, damage) => {
    const was = recording.documents[document];
    if ('missing' in was) throw new Error(`${document} was not recorded`);
    if (damage === 'listsNothing' && !Array.isArray(was.value)) return;
    const { exitCode, findings } = seen(withDocument(document, lost(was, damage)));
    expect({ exitCode }).toEqual({ exitCode: codeOf(name, lostDocuments[document]?.[damage]) });
    if (exitCode !== exitCodes.findings) expect(findings.filter((code) => code !== 'KPR9003')).toEqual([]);
  });

  test.each(['doctor', 'verify'] as const)('%s is no success where no agent answers', (phase) => {
    const timeout = missing('timeout', 'no answer within 10 s');
    const nodes = recording.nodes.map(({ name, answers }) => ({
      name,
      answers: Object.fromEntries(Object.keys(answers).map((answer) => [answer, timeout])),
    }));
    expect(judge({ ...recording, nodes }, phase).exitCode).toBe(exitCodes.couldNotRun);
  });
});

/** As nodes with rules of their own print them, which let everything pass here; recordings are of nodes without. */
const nftRules = `chain 1 filter input 1 0 1 filter
chain 1 filter forward 2 0 1 filter
chain 1 filter output 3 0 1 filter
`;

const printing = ({ name, answers: { nftFilters, ...answers } }: RawNode, text: string | undefined): RawNode => {
  if (!isPrinted(nftFilters)) throw new Error('the rules of nftables were not recorded');
  return { name, answers: text === undefined ? answers : { ...answers, nftFilters: { ...nftFilters, text } } };
};

describe('healthy-1.20 with rules of nftables', async () => {
  const { nodes, ...recording } = await read('healthy-1.20');
  const withRules = (text: string | undefined): Recording => ({
    ...recording,
    nodes: nodes.map((node, at) => printing(node, at === 0 ? text : nftRules)),
  });

  test('is healthy', () => {
    expect(seen(withRules(nftRules))).toEqual({ exitCode: 0, findings: [] });
  });

  test.each<[Exclude<Damage, 'anothers'>, number]>([
    ['absent', 3],
    ['garbage', 3],
    ['cut', 3],
    // As of a node without rules: what a capture has lost of a file, it tells (CaptureSource).
    ['empty', 0],
  ])('without what they are: %s', (damage, code) => {
    const text = damage === 'absent' ? undefined : textOf[damage](nftRules);
    expect(seen(withRules(text)).exitCode).toBe(code);
  });
});

test('no row of the table is of something that nobody recorded', async () => {
  const all = await Promise.all(recordings.map(read));
  const answers = new Set(all.flatMap(({ nodes }) => nodes.flatMap((node) => Object.keys(node.answers))));
  expect(Object.keys(lostAnswers).filter((name) => !answers.has(name))).toEqual([]);
  const documents = new Set(all.flatMap((one) => Object.keys(one.documents)));
  expect(Object.keys(lostDocuments).filter((name) => !documents.has(name))).toEqual([]);
});
