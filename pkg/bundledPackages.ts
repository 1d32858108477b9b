import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, as the package says it. */
  readonly license: string;
  /** From the top of the project; two packages may bring a version each of a third. */
  readonly path: string;
}

/** Where all else comes from that is bundled: this project, and what a plugin puts in an import's place. */
const own = /^(?:(?:bin|src|checks)\/|package\.json$|lazy width:)/;

/**
 * The packages of which something is in a bundle, by path. Throws for one that is not of the version that the lock
 * says, and for a file that is neither the project's nor a package's: nobody would say whose it is.
 * @param metafile with paths from `root`
 */
export function bundledPackages({ outputs }: Metafile, root: string): readonly BundledPackage[] {
  const paths = Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([file, { bytesInOutput }]) => bytesInOutput > 0 && !own.test(file))
    .map(([file]) => packagePath(file));
  const locked = lockedVersions(root);
  return [...new Set(paths)].sort().map((path) => read(root, path, locked));
}

function packagePath(file: string): string {
  const path = /^(node_modules\/.*(?<=node_modules\/)(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
  if (path === undefined) throw new Error(`${file} is in the bundle, and neither of this project nor of a package`);
  return path;
}

function read(root: string, path: string, locked: ReadonlyMap<string, string>): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const expected = locked.get(path);
  if (version !== expected)
    throw new Error(`${path} is version ${version}, package-lock.json says ${expected ?? 'nothing of it'}: npm ci`);
  if (license === undefined) throw new Error(`${path} does not say which licence it has`);
  return { name, version, license, path };
}

function lockedVersions(root: string): ReadonlyMap<string, string> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version: string }>>;
  };
  return new Map(Object.entries(packages).map(([path, { version }]) => [path, version]));
}
