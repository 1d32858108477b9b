import type { ConnectionFlags } from '../collect/ConnectionFlags.ts';
import type { Host, Via } from '../collect/openLive.ts';
import type { RawSource } from '../collect/RawSource.ts';
import { whenMuchIsAnswered } from '../collect/tuneEngine.ts';
import type { Io } from '../terminal/Io.ts';
import type { Context } from './Context.ts';

export interface ArchiveOptions {
  readonly kind: 'archive';
  readonly file: string;
}

export interface ClusterOptions {
  readonly kind: 'cluster';
  readonly connection: ConnectionFlags;
  readonly via: Via;
}

/** What is read. */
export type SourceOptions = ArchiveOptions | ClusterOptions;

/** Throws KprError. */
export async function openSource(source: SourceOptions, { io, loaders }: Context): Promise<RawSource> {
  watchOver(io);
  return source.kind === 'archive'
    ? loaders.openArchive(source.file)
    : loaders.openLive(source.connection, source.via, hostOf(io));
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
