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
    plugins: [partsOfUndici],
    // Optional native speed-ups of ws; it works without them.
    external: ['bufferutil', 'utf-8-validate'],
  });
}

const partsOfUndici: Plugin = {
  name: 'parts of undici',
  setup: (builder) => {
    builder.onResolve({ filter: /^undici$/ }, () => ({ path: join(import.meta.dirname, 'undiciParts.cjs') }));
  },
};

if (import.meta.main) await bundle();
