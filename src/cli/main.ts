import type { Loaders } from '../app/Loaders.ts';
import type { Io } from '../terminal/Io.ts';
import { versionLine } from '../terminal/tool.ts';

/** Runs what was typed behind `kubectl kpr` and gives the exit code. Prints on the streams of `io` only. */
export async function main(argv: readonly string[], io: Io, loaders?: Loaders): Promise<number> {
  // Before anything is loaded: scripts ask this often.
  if ((argv[0] === 'version' && argv.length === 1) || argv.includes('--version')) {
    io.stdout.write(`${versionLine()}\n`);
    return 0;
  }
  let command: string | undefined;
  let guard: Io['guard'];
  try {
    if (argv[0] === '__complete') {
      const { candidatesFor } = await import('./candidates.ts');
      const { commands } = await import('./commands/index.ts');
      const { complete } = await import('../app/complete.ts');
      const context = { io, loaders: loaders ?? (await import('../app/lazyLoaders.ts')).lazyLoaders };
      return await complete(candidatesFor(argv.slice(1), commands), argv.at(-1) ?? '', context);
    }
    const { parseCommandLine } = await import('./commandLine.ts');
    const chosen = await parseCommandLine(argv, io.stdout.isTTY ? io.stdout.columns : undefined);
    if (chosen.kind === 'help') {
      const { showsUnicode } = await import('../terminal/showsUnicode.ts');
      const { toAscii } = await import('../text/Style.ts');
      io.stdout.write(showsUnicode(io.env, io.platform) ? chosen.text : toAscii(chosen.text));
      return 0;
    }
    command = chosen.name;
    const { withGuard } = await import('./withGuard.ts');
    const guarded = await withGuard(io, argv, command);
    ({ guard } = guarded);
    return await chosen
      .prepare()
      .run({ io: guarded, loaders: loaders ?? (await import('../app/lazyLoaders.ts')).lazyLoaders });
  } catch (error) {
    const { reportFailure } = await import('./reportFailure.ts');
    return await reportFailure(error, argv, command, io);
  } finally {
    guard?.answered();
  }
}
