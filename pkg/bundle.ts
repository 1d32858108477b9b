import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';
import { Script } from 'node:vm';
import { build, type Metafile, type Plugin } from 'esbuild';
import { type BundledPackage, bundledPackages } from './bundledPackages.ts';

export const root = join(import.meta.dirname, '..');
export const bundlePath = join(root, 'dist', 'kubectl-kpr.cjs');

/** What a bundle consists of, beside each other. */
export interface Bundle {
  /** What Node runs, or a single executable: bundleMain.cjs. */
  readonly main: string;
  /** The whole program: an expression, which is a function of `require`, `__filename` and `__asset`. */
  readonly program: string;
  /** What is read beside it, by name: V8's code for it, of which bundleMain.cjs takes one, and the charts. */
  readonly assets: Readonly<Record<string, string>>;
  readonly content: Content;
}

/** What a program was made of. */
export interface Content {
  readonly packages: readonly BundledPackage[];
  /** What their sources say of licences. */
  readonly comments: string;
}

/**
 * The whole program; `main` is to end in `.cjs`. Throws when it can't be made, or when V8 does not take its own code.
 */
export async function bundle(main: string = bundlePath): Promise<Bundle> {
  const program = main.replace(/cjs$/, 'program.js');
  const content = await bundleProgram(program);
  const assets = { ...writeCharts(main), ...writeCodeCaches(main, program) };
  copyFileSync(join(import.meta.dirname, 'bundleMain.cjs'), main);
  return { main, program, assets, content };
}

/** A smaller one for what reads no cluster and no archive: 4 MB of code take 15 ms to be taken in. */
function writeCodeCaches(main: string, program: string): Readonly<Record<string, string>> {
  const source = readFileSync(program, 'utf8');
  return Object.fromEntries(
    ['reading.code', 'brief.code'].map((name) => {
      const file = main.replace(/cjs$/, name);
      execFileSync(process.execPath, [join(import.meta.dirname, 'writeCodeCache.ts'), program, file], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const { cachedDataRejected } = new Script(source, { cachedData: readFileSync(file) });
      if (cachedDataRejected === true) throw new Error('V8 does not take the code that it has made');
      return [name, file];
    }),
  );
}

/** What a package asks for and does without when it is not there: native speed-ups of ws, colours of debug. */
const optional: ReadonlySet<string> = new Set(['bufferutil', 'utf-8-validate', 'supports-color']);

/**
 * Lazy imports stay lazy in it: esbuild wraps each module in a function. Throws when the program needs
 * what is not in it.
 */
export async function bundleProgram(outfile: string): Promise<Content> {
  const { metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: [join(root, 'bin', 'kubectl-kpr.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node26',
    format: 'cjs',
    minify: true,
    keepNames: true,
    legalComments: 'external',
    metafile: true,
    // Nothing answers an import() of what V8 compiled without Node's loader: esbuild makes a require() of it.
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
    // yargs asks for the place of its own module (yargs/yargs#1929).
    define: { 'import.meta.url': '__importMetaUrl' },
    banner: {
      js: "(function (require, __filename, __asset) { const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;",
    },
    footer: { js: '})' },
    plugins: [quickStart, programTexts, charts],
    external: [...optional],
  });
  const missing = [...unresolved(metafile), ...(readFileSync(outfile, 'utf8').match(dynamicImport) ?? [])];
  writeFileSync(outfile, asciiOf(readFileSync(outfile, 'utf8')));
  // Such as a place in the sources that is nowhere in the bundle.
  if (warnings.length > 0) throw new Error(`the program is bundled with ${warnings.length} warnings: see above`);
  if (missing.length > 0) throw new Error(`the program would not find: ${missing.join(', ')}`);
  const comments = `${outfile}.LEGAL.txt`;
  return {
    packages: bundledPackages(metafile, root),
    comments: existsSync(comments) ? readFileSync(comments, 'utf8') : '',
  };
}

/** esbuild leaves regular expressions as they are: with a single such letter V8 keeps the program in twice the room. */
const asciiOf = (program: string): string =>
  // oxlint-disable-next-line no-control-regex -- all that is not ASCII
  program.replaceAll(/[^\u0000-\u007f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** With what is imported, as far as it goes; a method of that name is none. */
const dynamicImport = /(?<![\w$.])import\s*\([^)]{0,60}/g;

/** What stayed outside of the bundle, and neither is Node's own nor can be done without. */
const unresolved = ({ outputs }: Metafile): readonly string[] =>
  Object.values(outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ path, external }) => external === true && !isBuiltin(path) && !optional.has(path))
    .map(({ path }) => path);

/** The texts themselves, in place of the module that reads them from their files. */
const programTexts: Plugin = {
  name: 'program texts',
  setup: (builder) => {
    builder.onLoad({ filter: /[\\/]programs[\\/]programs\.ts$/ }, async () => ({
      contents: Object.entries(await import('../src/programs/programs.ts'))
        .map(([name, text]) => `export const ${name} = ${JSON.stringify(text)};`)
        .join('\n'),
    }));
  },
};

const chartFolder = join(root, 'src', 'knowledge', 'charts');

/** Charts stay beside the program: they are half of its size, and only `preflight` reads them, one or two of five. */
const charts: Plugin = {
  name: 'charts',
  setup: (builder) => {
    builder.onLoad({ filter: /[\\/]charts[\\/][^\\/]+\.json$/ }, ({ path }) => ({
      contents: `export default JSON.parse(__asset(${JSON.stringify(basename(path))}))`,
      loader: 'js',
    }));
  },
};

/** Beside `main`, where bundleMain.cjs looks for them. */
function writeCharts(main: string): Readonly<Record<string, string>> {
  const names = readdirSync(chartFolder).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    names.map((name) => {
      const file = main.replace(/cjs$/, name);
      writeFileSync(file, JSON.stringify(JSON.parse(readFileSync(join(chartFolder, name), 'utf8'))));
      return [name, file];
    }),
  );
}

const lazyWidth = readFileSync(join(import.meta.dirname, 'lazyStringWidth.cjs'), 'utf8');

/**
 * Stands before string-width wherever it is asked for, and loads that one (each library has its own version) once it is
 * needed.
 */
const quickStart: Plugin = {
  name: 'quick start',
  setup: (builder) => {
    const namespace = 'lazy width';
    builder.onResolve({ filter: /^string-width$/ }, ({ namespace: from, resolveDir }) =>
      from === namespace ? undefined : { path: resolveDir, namespace },
    );
    builder.onLoad({ filter: /./, namespace }, ({ path }) => ({ contents: lazyWidth, resolveDir: path }));
  },
};

if (import.meta.main) await bundle();
