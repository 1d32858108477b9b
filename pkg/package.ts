// `npm run package [-- FILE]`: one executable for this platform, dist/kubectl-kpr, from the pinned Node of
// node_modules; beside it its bill of materials (CycloneDX) and the licences and notices of what is in it, which it
// prints itself, too.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { bundle, root } from './bundle.ts';
import { noticesOf } from './notices.ts';
import { sbomOf } from './sbom.ts';

/** The package that brought the Node that runs this: bin/node in its folder. */
const nodeFolder = dirname(dirname(process.execPath));
const pinned = new Map(Object.entries(packageJson.optionalDependencies)).get(basename(nodeFolder));
const suffix = process.platform === 'win32' ? '.exe' : '';

/**
 * The command line of @yao-pkg/pkg has no way to name a Node binary (yao-pkg/pkg#279), its function has. The version is
 * pinned exactly, so what is imported here can't change unseen.
 */
const seaModule = '@yao-pkg/pkg/lib-es5/sea.js';
type Sea = (
  entry: string,
  options: {
    readonly nodePath: string;
    readonly targets: readonly { nodeRange: string; platform: string; arch: string; output: string }[];
    readonly seaConfig: Readonly<Record<string, unknown>>;
    /** Signs for macOS, where arm64 runs nothing unsigned. */
    readonly signature: boolean;
  },
) => Promise<void>;

async function packExecutable(executable: string): Promise<void> {
  if (pinned === undefined || process.version !== `v${pinned}`) {
    throw new Error(
      `run it as \`npm run package\`: that takes the Node of node_modules, this is ${process.version} of ${nodeFolder}`,
    );
  }
  // pkg copies Node first and puts the program in later: an unfinished file is a plain Node, so it must not
  // have our name.
  const unfinished = `${executable}.unfinished${suffix}`;
  const folder = mkdtempSync(join(tmpdir(), 'kpr-package-'));
  mkdirSync(dirname(executable), { recursive: true });
  rmSync(unfinished, { force: true });
  try {
    const { main, program, assets, content } = await bundle(join(folder, 'kubectl-kpr.cjs'));
    const nodeLicense = readFileSync(join(nodeFolder, 'LICENSE'), 'utf8');
    const notices = join(folder, 'notices.txt');
    writeFileSync(notices, noticesOf({ root, ...content, nodeLicense }));
    const sbom = sbomOf(content.packages, { name: basename(nodeFolder), version: pinned });
    const sea = (createRequire(import.meta.url)(seaModule) as { default: Sea }).default;
    await sea(main, {
      nodePath: process.execPath,
      targets: [{ nodeRange: `node${pinned}`, platform: platformName(), arch: process.arch, output: unfinished }],
      seaConfig: {
        assets: { 'program.js': program, notices, ...assets },
        useSnapshot: false,
        disableExperimentalSEAWarning: true,
        // No flags of V8 here: with any, it refuses the code cache.
        execArgv: ['--no-warnings'],
        // Otherwise NODE_OPTIONS of whoever runs it would reach into the program.
        execArgvExtension: 'none',
      },
      signature: true,
    });
    const said = execFileSync(unfinished, ['--version'], { encoding: 'utf8' }).trim();
    if (!said.startsWith(`kubectl-kpr ${packageJson.version} `)) {
      throw new Error(`what was packed says ${JSON.stringify(said)} instead of version ${packageJson.version}`);
    }
    renameSync(unfinished, executable);
    copyFileSync(notices, `${executable}.THIRD-PARTY-NOTICES.txt`);
    writeFileSync(`${executable}.cdx.json`, `${JSON.stringify(sbom, undefined, 2)}\n`);
    console.log(`${relative(process.cwd(), executable)}: ${said}, ${Math.round(statSync(executable).size / 1e6)} MB`);
  } finally {
    rmSync(unfinished, { force: true });
    rmSync(folder, { recursive: true });
  }
}

const platformName = (): string =>
  process.platform === 'win32' ? 'win' : process.platform === 'darwin' ? 'macos' : process.platform;

const inDist = join(root, 'dist', `kubectl-kpr${suffix}`);
const [asked] = process.argv.slice(2);
await packExecutable(asked === undefined ? inDist : resolve(process.env['INIT_CWD'] ?? '.', asked));
