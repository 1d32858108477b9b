import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { build, type Metafile, type Plugin } from 'esbuild';
import { type BundledPackage, bundledPackages } from './bundledPackages.ts';

export const root = join(import.meta.dirname, '..');
export const bundlePath = join(root, 'dist', 'kubectl-kpr.cjs');

/** What a bundle consists of, beside each other. */
export interface Bundle {
  /** What Node runs, or a single executable: bundleMain.cjs. */
  readonly main: string;
  /** The whole program: an expression, which is a function of `require` and `__filename`. */
  readonly program: string;
  /** V8's code for it. */
  readonly codeCache: string;
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
  const codeCache = main.replace(/cjs$/, 'code');
  const content = await bundleProgram(program);
  execFileSync(process.execPath, [join(import.meta.dirname, 'writeCodeCache.ts'), program, codeCache], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { cachedDataRejected } = new Script(readFileSync(program, 'utf8'), { cachedData: readFileSync(codeCache) });
  if (cachedDataRejected === true) throw new Error('V8 does not take the code that it has made');
  copyFileSync(join(import.meta.dirname, 'bundleMain.cjs'), main);
  return { main, program, codeCache, content };
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
      js: "(function (require, __filename) { const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;",
    },
    footer: { js: '})' },
    plugins: [quickStart, programTexts],
    external: [...optional],
  });
  const missing = [...unresolved(metafile), ...(readFileSync(outfile, 'utf8').match(dynamicImport) ?? [])];
  // Such as a place in the sources that is nowhere in the bundle.
  if (warnings.length > 0) throw new Error(`the program is bundled with ${warnings.length} warnings: see above`);
  if (missing.length > 0) throw new Error(`the program would not find: ${missing.join(', ')}`);
  const comments = `${outfile}.LEGAL.txt`;
  return {
    packages: bundledPackages(metafile, root),
    comments: existsSync(comments) ? readFileSync(comments, 'utf8') : '',
  };
}

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
