import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { KprError } from '../core/KprError.ts';
import { completionScripts, type Shell } from '../knowledge/completionScripts.ts';
import type { Context } from './Context.ts';
import { putFile } from './putFile.ts';

export type CompletionOptions =
  | { readonly kind: 'script'; readonly shell: Shell }
  /** undefined: beside the program that is on the PATH. */
  | { readonly kind: 'install'; readonly folder: string | undefined };

/** Prints a shell's script, or writes the program that kubectl asks for completions. Throws KprError. */
export function printCompletion(options: CompletionOptions, { io }: Context): number {
  if (options.kind === 'script') {
    io.stdout.write(completionScripts[options.shell]);
    return 0;
  }
  const isWindows = io.platform === 'win32';
  const folder = options.folder ?? folderOf(io.env['PATH'] ?? '', isWindows ? 'kubectl-kpr.exe' : 'kubectl-kpr');
  const file = join(folder, isWindows ? 'kubectl_complete-kpr.cmd' : 'kubectl_complete-kpr');
  const text = isWindows ? '@kubectl-kpr __complete %*\r\n' : '#!/bin/sh\nexec kubectl-kpr __complete "$@"\n';
  putFile(
    file,
    text,
    'Name a folder of the PATH that you may write: kubectl kpr completion install --dir FOLDER',
    0o755,
  );
  io.stdout.write(
    `${file}: kubectl (1.26 or newer) completes kubectl kpr from now on, where its own completion is on\n`,
  );
  return 0;
}

function folderOf(path: string, program: string): string {
  const found = path.split(delimiter).find((folder) => folder !== '' && existsSync(join(folder, program)));
  if (found !== undefined) return found;
  throw new KprError(
    `${program} is in no folder of the PATH, so kubectl would not find it either`,
    'Put it there, or name a folder: kubectl kpr completion install --dir FOLDER',
  );
}
