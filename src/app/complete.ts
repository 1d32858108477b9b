import { namesByKubectl } from '../collect/kubectl/namesByKubectl.ts';
import { runnableAmong } from '../core/Phase.ts';
import { visible } from '../text/visible.ts';
import type { Context } from './Context.ts';

/** As shells ask cobra's programs, kubectl among them: no files, or files. */
const directives = { noFiles: ':4', files: ':0' } as const;

/** What can stand where the cursor is. */
export type Question =
  | { readonly kind: 'words'; readonly words: readonly { readonly word: string; readonly about?: string }[] }
  | {
      readonly kind: 'names';
      readonly of: 'contexts' | 'namespaces' | 'nodes' | 'services' | 'servicesHere';
      readonly connection: readonly string[];
      /** What stands before each name. */
      readonly lead?: string;
    }
  | { readonly kind: 'checks' }
  | { readonly kind: 'codes' }
  | { readonly kind: 'files' };

/** Prints what can stand at the cursor in cobra's format: word, tab and what it is on each line, a directive last. */
export async function complete(question: Question, word: string, { io, loaders }: Context): Promise<number> {
  const lines = question.kind === 'files' ? [] : await wordsFor(question, word, { io, loaders });
  const directive = question.kind === 'files' ? directives.files : directives.noFiles;
  io.stdout.write([...lines, directive, ''].join('\n'));
  return 0;
}

async function wordsFor(
  question: Exclude<Question, { kind: 'files' }>,
  word: string,
  { io, loaders }: Context,
): Promise<readonly string[]> {
  switch (question.kind) {
    case 'words':
      return question.words.map(({ word: one, about }) => (about === undefined ? one : `${one}\t${visible(about)}`));
    case 'names': {
      const names = await namesByKubectl(question.of, question.connection, io.env);
      const before = question.lead ?? lead(word);
      return names.filter((name) => name.startsWith(word.slice(before.length))).map((name) => before + visible(name));
    }
    case 'checks': {
      const checks = (await loaders.checks()).filter(({ phases }) => runnableAmong(phases).length > 0);
      const all = [
        ...checks.map(({ id, title }) => `${id}\t${title}`),
        ...new Set(checks.flatMap(({ codes }) => codes)),
      ];
      return all.filter((one) => one.startsWith(valueIn(word))).map((one) => lead(word) + one);
    }
    case 'codes': {
      const problems = await loaders.problems();
      const codes = [...problems].map(([code, { title }]) => `${code}\t${title}`);
      const checks = await loaders.checks();
      const ids = checks
        .filter(({ phases }) => runnableAmong(phases).length > 0)
        .map(({ id, title }) => `${id}\t${title}`);
      return [
        ...codes.filter((one) => one.startsWith(word.toUpperCase())),
        ...ids.filter((one) => one.startsWith(word)),
      ];
    }
    default:
      return question satisfies never;
  }
}

/** Of `--check=a,b` the part that is being typed, and what stands before it. */
const valueIn = (word: string): string => word.slice(lead(word).length);
const lead = (word: string): string => /^.*[=,]/.exec(word)?.[0] ?? '';
