import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import type { BundledPackage } from './bundledPackages.ts';

/** What is in an executable beside the program itself. */
export interface Shipped {
  /** The top of the project. */
  readonly root: string;
  readonly packages: readonly BundledPackage[];
  /** Of Node, with those of V8, OpenSSL, ICU and all else that is in it: the file LICENSE of its release. */
  readonly nodeLicense: string;
  /** What the sources of packages say of licences in their comments (esbuild's legalComments). */
  readonly comments: string;
}

/** The licence texts and notices of everything that is in an executable. Throws where one has none. */
export function noticesOf({ root, packages, nodeLicense, comments }: Shipped): string {
  const texts = packages.map((one) => ({ ...one, texts: licenceTexts(join(root, one.path)) }));
  const without = texts.filter((one) => one.texts.length === 0);
  if (without.length > 0)
    throw new Error(`no licence text to ship with ${without.map(({ path }) => path).join(', ')}: leave it out`);
  const sections = texts.map((one) => section(`${one.name} ${one.version} (${one.license})`, one.texts.join('\n\n')));
  return [
    `kubectl-kpr ${packageJson.version}: licences and notices of what is in the executable`,
    '',
    ...section(`kubectl-kpr ${packageJson.version} (${packageJson.license})`, read(join(root, 'LICENSE'))),
    // Twice the same where two packages brought the same third one.
    ...new Set(sections.map((lines) => lines.join('\n'))),
    ...section(`Node.js ${process.versions.node}`, nodeLicense),
    ...(comments === '' ? [] : section('Comments of sources', comments)),
  ].join('\n');
}

const section = (title: string, text: string): string[] => ['='.repeat(80), title, '='.repeat(80), text.trim(), ''];

const licenceFile = /^(?:licen[cs]e|copying|notice)/i;

const licenceTexts = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => licenceFile.test(name))
    .sort()
    .map((name) => read(join(folder, name)).trim())
    .filter((text) => text !== '');

const read = (path: string): string => readFileSync(path, 'utf8');
