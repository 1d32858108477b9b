import { missing } from '../../model/Fact.ts';
import type { AnswerName, RawAnswer, RawNode } from '../../model/raw.ts';
import { visibleName } from '../../text/visible.ts';
import type { Answer } from '../ClusterPort.ts';
import type { ArchiveFiles } from './ArchiveFiles.ts';
import { bugtoolFiles, debuginfo, shownTwice, stemOf, variantsOf, type BugtoolFile } from './bugtoolFiles.ts';
import { readCommandOutput } from './readCommandOutput.ts';

/** The files of one agent's bugtool: name by stem. */
export type BugtoolIndex = ReadonlyMap<string, string>;

/** Finds the files of a command folder (`…/cmd/`, or the top) by their stems, whatever their extensions are. */
export function indexBugtool(names: readonly string[], cmd: string): BugtoolIndex {
  const index = new Map<string, string>();
  for (const name of names) {
    if (!name.startsWith(cmd)) continue;
    const file = name.slice(cmd.length);
    if (file.includes('/')) continue;
    const stem = /^cilium-debuginfo-.*\.json$/.test(file) ? stemOf(debuginfo) : file.replace(/\.(md|json|txt)$/, '');
    index.set(stem, name);
  }
  return index;
}

/** The name that the node itself goes by; undefined when the archive does not say. */
export async function hostnameIn(files: ArchiveFiles, index: BugtoolIndex): Promise<string | undefined> {
  const name = index.get('hostname');
  if (name === undefined) return undefined;
  const content = (await files.read(new Set([name]))).get(name);
  const { text, failure } = readCommandOutput(content?.ok ? content.value.toString('utf8') : '', 'hostname');
  const host = text.trim();
  return failure === undefined && /^[\w.-]{1,253}$/.test(host) ? host : undefined;
}

/** What one agent's bugtool has of the answers that are wanted. */
export async function readBugtool(
  files: ArchiveFiles,
  index: BugtoolIndex,
  wanted: ReadonlySet<AnswerName>,
): Promise<RawNode['answers']> {
  const candidates = [...wanted].map((name) => [name, candidatesFor(name, index)] as const);
  const paths = new Set(candidates.flatMap(([, list]) => list.map(({ path }) => path)));
  const contents = await files.read(paths);
  const answers: Partial<Record<AnswerName, RawAnswer>> = {};
  for (const [name, list] of candidates) {
    answers[name] = bestOf(
      name,
      list.map((candidate) => () => answerFrom(files, name, candidate, contents.get(candidate.path))),
    );
  }
  return answers;
}

/** The best that has an answer; else why the best has none. */
function bestOf(name: AnswerName, candidates: readonly (() => RawAnswer)[]): RawAnswer {
  let best: RawAnswer | undefined;
  for (const read of candidates) {
    const answer = read();
    if (best === undefined || 'missing' in best) best = 'missing' in answer ? (best ?? answer) : answer;
    // The same twice: the shorter one was cut, or is seen from where the agent does not see it.
    else if (!('missing' in answer) && answer.text.length > best.text.length) best = answer;
    if (!('missing' in best) && !shownTwice.has(name)) break;
  }
  return best ?? missing('notCollected', lacking(name));
}

interface Candidate extends BugtoolFile {
  readonly path: string;
}

function candidatesFor(name: AnswerName, index: BugtoolIndex): Candidate[] {
  return (bugtoolFiles[name] ?? []).flatMap((file) =>
    variantsOf(file.command).flatMap((command): Candidate[] => {
      const path = index.get(stemOf(command));
      return path === undefined ? [] : [{ ...file, command, path }];
    }),
  );
}

function answerFrom(
  files: ArchiveFiles,
  name: AnswerName,
  candidate: Candidate,
  content: Answer<Buffer> | undefined,
): RawAnswer {
  const command = files.shown(candidate.path);
  if (content === undefined)
    return { ...missing('notCollected', `the archive has no ${visibleName(candidate.path)}`), command };
  return content.ok ? toAnswer(name, candidate, content.value.toString('utf8'), command) : { ...content.why, command };
}

function toAnswer(name: AnswerName, candidate: Candidate, content: string, command: string): RawAnswer {
  const { text, failure } = readCommandOutput(content, candidate.command);
  // `cilium status` prints all it knows and then fails when a component does; that is the moment at which it matters.
  const isStatusOfFailing = name === 'status' && failure?.error === 'exit status 1' && /^Kubernetes:\s|^\{/m.test(text);
  if (failure !== undefined && !isStatusOfFailing) return { ...failure.why, command };
  const adapted = candidate.adapt === undefined ? text : candidate.adapt(text);
  if (adapted === undefined)
    return { ...missing('notCollected', `${visibleName(candidate.path)} does not hold it`), command };
  return { text: adapted, stderr: '', exitCode: failure === undefined ? 0 : 1, command };
}

function lacking(name: AnswerName): string {
  const commands = (bugtoolFiles[name] ?? []).map(({ command }) => command.replace('$CILIUM', 'cilium-dbg'));
  const names = commands.map((command) => `cmd/${stemOf(command)}`);
  return names.length === 0 ? 'no bugtool archive holds it' : `the archive has no ${names.join(' and no ')}`;
}
