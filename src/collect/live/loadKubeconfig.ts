import { delimiter, join } from 'node:path';
import { KprError } from '../../core/KprError.ts';
import type { ConnectionFlags, Env } from '../ConnectionFlags.ts';
import type { Kubeconfig } from './Kubeconfig.ts';
import { parseKubeconfig } from './parseKubeconfig.ts';

/** Reads a file as text; throws as node:fs does. */
export type ReadFile = (path: string) => string;

export interface LoadedKubeconfig {
  readonly kubeconfig: Kubeconfig;
  /** The files that were found, in the order of their precedence. */
  readonly files: readonly string[];
  /** The files that were looked for, for messages. */
  readonly lookedFor: readonly string[];
}

/**
 * The kubeconfig as kubectl loads it: the file of `--kubeconfig`, which must exist; else the files of KUBECONFIG that
 * exist, merged; else ~/.kube/config. What is found may be empty. Throws KprError.
 */
export function loadKubeconfig(
  flags: ConnectionFlags,
  host: { readonly env: Env; readonly platform: string; readonly readFile: ReadFile },
): LoadedKubeconfig {
  if (flags.kubeconfig) {
    const kubeconfig = readIfPresent(flags.kubeconfig, host.readFile);
    if (kubeconfig) return { kubeconfig, files: [flags.kubeconfig], lookedFor: [flags.kubeconfig] };
    throw new KprError(`There is no kubeconfig ${flags.kubeconfig}`, 'Give an existing file to --kubeconfig');
  }
  const listed = [...new Set((host.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== ''))];
  const homes = homeFolders(host.env, host.platform).map((home) => join(home, '.kube', 'config'));
  const lookedFor = listed.length > 0 ? listed : homes;
  const found: { file: string; kubeconfig: Kubeconfig }[] = [];
  for (const file of lookedFor) {
    const kubeconfig = readIfPresent(file, host.readFile);
    if (kubeconfig) found.push({ file, kubeconfig });
    if (kubeconfig && listed.length === 0) break;
  }
  return {
    kubeconfig: mergeKubeconfigs(found.map((one) => one.kubeconfig)),
    files: found.map((one) => one.file),
    lookedFor,
  };
}

/** The first file that has a name wins, for every name and for the current context; entries are never mixed. */
function mergeKubeconfigs(kubeconfigs: readonly Kubeconfig[]): Kubeconfig {
  return {
    clusters: firstOfEach(kubeconfigs.map((one) => one.clusters)),
    users: firstOfEach(kubeconfigs.map((one) => one.users)),
    contexts: firstOfEach(kubeconfigs.map((one) => one.contexts)),
    currentContext: kubeconfigs.find((one) => one.currentContext !== '')?.currentContext ?? '',
  };
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/**
 * client-go's homedir: HOME, and on Windows the first of HOME, HOMEDRIVE+HOMEPATH, USERPROFILE that holds a kubeconfig.
 */
function homeFolders(env: Env, platform: string): string[] {
  const home = env['HOME'] ?? '';
  if (platform !== 'win32') return home ? [home] : [];
  const drive = env['HOMEDRIVE'] && env['HOMEPATH'] ? join(env['HOMEDRIVE'], env['HOMEPATH']) : '';
  return [home, drive, env['USERPROFILE'] ?? ''].filter((folder) => folder !== '');
}

function readIfPresent(file: string, readFile: ReadFile): Kubeconfig | undefined {
  let content: string;
  try {
    content = readFile(file);
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw new KprError(
      `The kubeconfig ${file} cannot be read (${errorCode(cause)})`,
      `Check who may read it: ls -l ${file}`,
      { cause },
    );
  }
  return parseKubeconfig(content, file);
}

function firstOfEach<T>(maps: readonly ReadonlyMap<string, T>[]): Map<string, T> {
  const merged = new Map<string, T>();
  for (const map of maps) for (const [name, value] of map) if (!merged.has(name)) merged.set(name, value);
  return merged;
}
