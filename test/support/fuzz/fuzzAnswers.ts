import { collections } from '../../../src/model/kubernetes.ts';
import type { AnswerName, DocumentName, RawDocuments } from '../../../src/model/raw.ts';
import { answersOf, nodeFactNames } from '../../../src/knowledge/nodeCommands.ts';
import type { Fact } from '../../../src/model/Fact.ts';
import { DocumentReader } from '../../../src/parse/DocumentReader.ts';
import { readNodeFacts } from '../../../src/parse/readNodeFacts.ts';
import { noDocuments } from '../fakeLoaders.ts';
import { Mutator } from './Mutator.ts';
import { recordingOf } from './recorded.ts';

const recordings = [
  ...['healthy-1.18', 'healthy-1.19', 'healthy-1.20', 'kube-proxy-iptables', 'kube-proxy-nftables'].map(
    (name) => `${name}.kpr`,
  ),
  'healthy-1.20.zip',
];

export interface FuzzedAnswers {
  readonly inputs: number;
  readonly known: number;
  readonly missing: number;
  /** Objects that were left out because they are not shaped as the API defines them. */
  readonly malformed: number;
  readonly slowest: { readonly ms: number; readonly what: string };
}

/**
 * Every parser of a node's answers and of the API's objects, with some lines of an answer, or an object, changed at
 * random. Throws where one throws, or takes more than five seconds. (What is printed of it: fuzzCommands.)
 */
export async function fuzzAnswers(inputs: number, seed: number): Promise<FuzzedAnswers> {
  const texts: (readonly [AnswerName, string])[] = [];
  const objects: (readonly [DocumentName, unknown])[] = [];
  for (const file of recordings) {
    const { documents, nodes } = await recordingOf(`test/fixtures/recordings/${file}`);
    for (const { answers } of nodes)
      for (const [name, answer] of Object.entries(answers) as [AnswerName, (typeof answers)[AnswerName]][])
        if (answer !== undefined && 'text' in answer && answer.text !== '') texts.push([name, answer.text]);
    for (const [name, document] of Object.entries(documents) as [DocumentName, RawDocuments[DocumentName]][])
      if (!('missing' in document))
        for (const object of Array.isArray(document.value) ? document.value.slice(0, 20) : [document.value])
          objects.push([name, object]);
  }
  const counts = { known: 0, missing: 0, malformed: 0 };
  let slowest = { ms: 0, what: '' };
  for (let input = 0; input < inputs; input++) {
    const mutator = new Mutator(seed + input);
    const start = performance.now();
    const [what, facts] =
      mutator.random() < 0.6
        ? ofAnswer(mutator.pick(texts), mutator)
        : ofObject(mutator.pick(objects), mutator, counts);
    const ms = performance.now() - start;
    if (ms > slowest.ms) slowest = { ms, what };
    for (const fact of facts) {
      if ('value' in fact) counts.known += 1;
      else counts.missing += 1;
    }
    if (ms > 5000) throw new Error(`input ${seed + input} (${what}) took ${ms} ms`);
  }
  return { inputs, ...counts, slowest };
}

type Tried = readonly [what: string, facts: readonly Fact<unknown>[]];

function ofAnswer([name, text]: readonly [AnswerName, string], mutator: Mutator): Tried {
  // Of most texts some lines, so that there is time for a million; now and then all of it.
  const some = mutator.random() < 0.02 ? text : mutator.excerpt(text, 12);
  const answer = { text: mutator.text(some), stderr: '', exitCode: 0, command: 'a command' };
  const facts = readNodeFacts({ name: 'n1', answers: { [name]: answer } }, { kubeProxyPod: undefined });
  return [name, nodeFactNames.filter((fact) => answersOf[fact].includes(name)).map((fact) => facts[fact])];
}

function ofObject(
  [name, object]: readonly [DocumentName, unknown],
  mutator: Mutator,
  counts: { malformed: number },
): Tried {
  const changed = mutator.object(object);
  const value = name in collections ? [changed] : changed;
  const raw: RawDocuments = { ...noDocuments, [name]: { value, source: 'a command' } };
  const reader = new DocumentReader();
  const facts = reader.read(raw);
  counts.malformed += reader.malformed(raw).length;
  return [name, [facts[name]]];
}
