import { execFileSync } from 'node:child_process';
import packageJson from '../package.json' with { type: 'json' };
import type { BundledPackage } from './bundledPackages.ts';
import { npmCommand } from './npm.mjs';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
}

/** As much of CycloneDX 1.5 as is touched here. */
export interface Sbom {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

/** The package of which the executable is a copy: Node itself. */
export interface NodePackage {
  readonly name: string;
  readonly version: string;
}

/**
 * What an executable consists of, by npm, from package-lock.json: of all components those that are in it, and Node.
 * Throws for something in it that is none of them.
 */
export function sbomOf(packages: readonly Pick<BundledPackage, 'name' | 'version'>[], node: NodePackage): Sbom {
  const all = sbomOfLock();
  const { component: self } = all.metadata;
  const shipped = new Set([self, node, ...packages].map(({ name, version }) => `${name}@${version}`));
  shipped.add(self['bom-ref']);
  const components = all.components.filter((one) => shipped.has(one['bom-ref']));
  const missing = [node, ...packages].filter(
    ({ name, version }) => !components.some((one) => one.name === name && one.version === version),
  );
  if (missing.length > 0)
    throw new Error(`nothing in package-lock.json makes ${missing.map(({ name }) => name).join(', ')} part of it`);
  return {
    ...all,
    // npm takes the name of the folder.
    metadata: { ...all.metadata, component: { ...self, name: packageJson.name } },
    components: components.map((one) => (one.name === node.name ? Object.assign(one, { cpe: cpeOf(node) }) : one)),
    dependencies: all.dependencies
      .filter(({ ref }) => shipped.has(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => shipped.has(one)) })),
  };
}

/** By which advisories name Node; none of them names the package that it came in. */
const cpeOf = ({ version }: NodePackage): string => `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`;

function sbomOfLock(): Sbom {
  const [command, ...args] = npmCommand();
  // Not --omit=dev: npm leaves out what development needs as well, also where the program does.
  const words = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
  const text = execFileSync(command, [...args, ...words], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  return JSON.parse(text) as Sbom;
}
