import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

export const root = join(import.meta.dirname, '..');
export const bundlePath = join(root, 'dist', 'kubectl-kpr.cjs');

/**
 * The whole program as one CommonJS file: what the single executable holds. Lazy imports stay lazy in it (esbuild wraps
 * each module), and CommonJS because V8's code cache in a single executable works for that alone.
 */
export async function bundle(outfile: string = bundlePath): Promise<void> {
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
    banner: { js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
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
