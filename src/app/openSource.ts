import type { RawSource } from '../collect/RawSource.ts';
import { type Args, stringOf } from '../cli/args.ts';
import { connectionOf } from '../cli/flags.ts';
import type { Io } from '../terminal/Io.ts';
import type { Loaders } from './Loaders.ts';

/** The archive of `--from`, else the cluster. Throws KprError. */
export async function openSource(args: Args, io: Io, loaders: Loaders): Promise<RawSource> {
  const file = stringOf(args, 'from');
  if (file !== undefined) return loaders.openArchive(file);
  return loaders.openLive(connectionOf(args), stringOf(args, 'via') === 'kubectl' ? 'kubectl' : 'client', {
    env: io.env,
    stdinIsTerminal: io.stdinIsTerminal,
    // A program of the user's own, on the user's own terminal: nothing of it comes from the cluster.
    onPluginStderr: (text) => io.stderr.write(text),
  });
}

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
