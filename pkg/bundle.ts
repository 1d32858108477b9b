import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { build, type Plugin } from 'esbuild';

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
}

/** The whole program; `main` is to end in `.cjs`. Throws when it can't be made, or when V8 does not take its own code. */
export async function bundle(main: string = bundlePath): Promise<Bundle> {
  const program = main.replace(/cjs$/, 'program.js');
  const codeCache = main.replace(/cjs$/, 'code');
  await bundleProgram(program);
  execFileSync(process.execPath, [join(import.meta.dirname, 'writeCodeCache.ts'), program, codeCache], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { cachedDataRejected } = new Script(readFileSync(program, 'utf8'), { cachedData: readFileSync(codeCache) });
  if (cachedDataRejected === true) throw new Error('V8 does not take the code that it has made');
  copyFileSync(join(import.meta.dirname, 'bundleMain.cjs'), main);
  return { main, program, codeCache };
}

/** Lazy imports stay lazy in it: esbuild wraps each module in a function. */
async function bundleProgram(outfile: string): Promise<void> {
  await build({
    entryPoints: [join(root, 'bin', 'kubectl-kpr.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node26',
    format: 'cjs',
    minify: true,
    keepNames: true,
    legalComments: 'linked',
    logLevel: 'warning',
    // yargs asks for the place of its own module (yargs/yargs#1929).
    define: { 'import.meta.url': '__importMetaUrl' },
    banner: {
      js: "(function (require, __filename) { const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;",
    },
    footer: { js: '})' },
    plugins: [quickStart],
    // Optional native speed-ups of ws; it works without them.
    external: ['bufferutil', 'utf-8-validate'],
  });
}

const lazyWidth = join(import.meta.dirname, 'lazyStringWidth.cjs');

/** What some libraries load before anybody needs it; each of the files says what that costs. */
const quickStart: Plugin = {
  name: 'quick start',
  setup: (builder) => {
    builder.onResolve({ filter: /^undici$/ }, () => ({ path: join(import.meta.dirname, 'undiciParts.cjs') }));
    builder.onResolve({ filter: /^string-width$/ }, ({ importer }) =>
      importer === lazyWidth ? undefined : { path: lazyWidth },
    );
  },
};

if (import.meta.main) await bundle();
