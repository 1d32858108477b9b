import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the sources of a Cilium version lie; `why` when they cannot be had here. */
export type ModuleDir = { readonly dir: string } | { readonly why: string };

/** Asks Go for the module (it downloads what it does not have), in an empty folder so that no go.mod interferes. */
export function ciliumSources(version: string): ModuleDir {
  const cached = cacheDirs()
    .map((cache) => join(cache, 'github.com', 'cilium', `cilium@v${version}`))
    .find((dir) => existsSync(join(dir, 'pkg', 'loadbalancer')));
  if (cached !== undefined) return { dir: cached };
  const empty = mkdtempSync(join(tmpdir(), 'kpr-conformance-'));
  try {
    const answer = execFileSync('go', ['mod', 'download', '-json', `github.com/cilium/cilium@v${version}`], {
      cwd: empty,
      env: { ...process.env, GOFLAGS: '-mod=mod' },
      encoding: 'utf8',
      timeout: 600_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { Dir: dir } = JSON.parse(answer) as { readonly Dir?: string };
    return dir === undefined ? { why: 'go mod download named no folder' } : { dir };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { why: message.includes('ENOENT') ? 'there is no Go here' : `no module: ${message.split('\n')[0] ?? ''}` };
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}

const cacheDirs = (): readonly string[] => {
  const { GOMODCACHE: cache = '', GOPATH: path = '' } = process.env;
  return [cache, path === '' ? '' : join(path, 'pkg', 'mod'), join(homedir(), 'go', 'pkg', 'mod')].filter(
    (dir) => dir !== '',
  );
};
