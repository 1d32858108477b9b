import type { AnswerName, RawAnswer } from '../model/raw.ts';
import { isDigested, type KnownRows, type ToldRows } from '../parse/digest/KnownRows.ts';
import type { ToldStates } from '../parse/digest/KnownStates.ts';
import { ruleDumpNames } from '../parse/rules/ruleDumps.ts';
import type { DigestWords } from './agentScript.ts';

type Answers = ReadonlyMap<string, RawAnswer>;

/** What a node is told, so that it need not say again what others said, and why its answer may not be believed. */
export class SaidInLittle {
  readonly words: DigestWords;
  readonly #digests: KnownRows;
  readonly #nonce: string;
  readonly #rows: ToldRows;
  readonly #states: ToldStates;

  /** @param nonce nobody can have guessed it: an answer that fits was made for this question */
  constructor(digests: KnownRows, nonce: string) {
    [this.#digests, this.#nonce] = [digests, nonce];
    [this.#rows, this.#states] = [digests.known(nonce), digests.states.known(nonce)];
    this.words = { maps: this.#rows.words, frontends: this.#states.words, rules: digests.rules.known(nonce) };
  }

  /** Of the maps; undefined: it fits, or the node says all. */
  doubtOfMaps(answers: Answers): string | undefined {
    const text = saidBy(answers.get('lbDump'));
    if (text === undefined || !isDigested(text)) return undefined;
    const read = this.#digests.read(text, this.#rows);
    return read.ok ? undefined : read.why;
  }

  /** Of all else: what is doubtful, and why. What fits is learnt. */
  otherDoubts(answers: Answers): readonly (readonly [AnswerName, string])[] {
    const { states, rules } = this.#digests;
    const doubtOf = (name: AnswerName, hear: (text: string) => string | undefined): [AnswerName, string][] => {
      const text = saidBy(answers.get(name));
      const why = text === undefined ? undefined : hear(text);
      return why === undefined ? [] : [[name, why]];
    };
    return [
      ...doubtOf('frontends', (text) => states.hear(text, this.#states)),
      ...ruleDumpNames.flatMap((name) => doubtOf(name, (text) => rules.hear(name, text, this.#nonce))),
    ];
  }
}

const saidBy = (answer: RawAnswer | undefined): string | undefined =>
  answer === undefined || 'missing' in answer || answer.exitCode !== 0 ? undefined : answer.text;
