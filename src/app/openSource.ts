import type { ConnectionFlags } from '../collect/ConnectionFlags.ts';
import type { Host, Via } from '../collect/openLive.ts';
import type { RawSource } from '../collect/RawSource.ts';
import { whenMuchIsAnswered } from '../collect/tuneEngine.ts';
import type { Io } from '../terminal/Io.ts';
import { KprError } from '../core/KprError.ts';
import { overrunMs } from '../terminal/Guard.ts';
import type { Context } from './Context.ts';

export interface ArchiveOptions {
  readonly kind: 'archive';
  readonly file: string;
  /** What was typed to choose a cluster: the one that commands are for. Absent: none are printed. */
  readonly connection?: ConnectionFlags;
}

export interface ClusterOptions {
  readonly kind: 'cluster';
  readonly connection: ConnectionFlags;
  readonly via: Via;
}

/** What is read. */
export type SourceOptions = ArchiveOptions | ClusterOptions;

/** Throws KprError, also when it takes longer than it may. */
export async function openSource(
  source: SourceOptions,
  timeoutMs: number,
  { io, loaders }: Context,
): Promise<RawSource> {
  watchOver(io);
  io.guard?.dueIn(timeoutMs + overrunMs);
  const opening =
    source.kind === 'archive'
      ? openArchive(source, io, loaders)
      : loaders.openLive(source.connection, source.via, hostOf(io));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), Math.min(timeoutMs, 2 ** 31 - 1));
  });
  try {
    const opened = await Promise.race([opening, late]);
    if (opened !== 'late') return opened;
  } finally {
    clearTimeout(timer);
  }
  opening.catch(() => {});
  io.leaveBehind();
  throw new KprError(
    `${source.kind === 'archive' ? archiveName(source.file) : 'The cluster'} could not be opened within ${timeoutMs / 1000} s`,
    'Give more time with --timeout',
  );
}

const archiveName = (file: string): string => (file === '-' ? 'Standard input' : file);

async function openArchive(
  { file, connection }: ArchiveOptions,
  { env, platform }: Io,
  loaders: Context['loaders'],
): Promise<RawSource> {
  const opened = await loaders.openArchive(file);
  if (connection === undefined) return opened;
  const { forCluster } = await import('../collect/archive/forCluster.ts');
  return forCluster(opened, connection, { env, platform });
}

/** What opens within a second, and gives little, needs no guard. */
const soonMs = 1000;

/** Has a run's memory and time seen to from here on, where it takes long or much. */
export function watchOver({ guard }: Io): void {
  if (guard === undefined) return;
  guard.startIn(soonMs);
  whenMuchIsAnswered(() => guard.start());
}

/** Of the process, what a connection needs. */
export const hostOf = ({ env, platform, stdinIsTerminal, stderr }: Io): Host => ({
  env,
  platform,
  stdinIsTerminal,
  // A program of the user's own, on the user's own terminal: nothing of it comes from the cluster.
  onPluginStderr: (text) => stderr.write(text),
});

const closingMs = 1000;

/** Closes a source; an answer that is ready does not wait for a connection that does not close. */
export async function closeSource(source: RawSource, io: Io): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), closingMs);
  });
  if ((await Promise.race([source.close(), late])) === 'late') io.leaveBehind();
  clearTimeout(timer);
}
