import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bed, CommandResult } from './Bed.ts';
import { runShell, strict } from './runShell.ts';
import { bedHome, userShell } from './userShell.ts';
import { type ReadmeBlock, readmeBlocks } from './readmeBlocks.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const example = join(root, 'examples', 'kube-proxy-replacement');

/** What the README promises of a section, for all that is printed by its block. */
interface Promised {
  readonly heading: string;
  readonly says: readonly RegExp[];
  readonly saysNot?: readonly RegExp[];
  /** Of the last command; all others must succeed. Default 0. */
  readonly exitCode?: number;
}

const itWorks = /It works!/;

const promised: readonly Promised[] = [
  { heading: '1. Before the change', says: [itWorks, /before\.kpr: 2 nodes/] },
  // kube-proxy is still there, and verify says so; that every Service is served is what it passes for.
  { heading: '2. Cilium takes over', says: [/KPR3001/, /^exit 0/m] },
  {
    heading: '3. kube-proxy goes',
    says: [/KPR3003[\s\S]*on n1 and n2/, /kubectl kpr cleanup --node/],
    saysNot: [/KPR3001/, /KPR3002/],
    exitCode: 1,
  },
  {
    heading: '4. Its rules go',
    says: [
      /n1: \d+ rules/,
      /Read again:\s+n1: nothing of kube-proxy is left/,
      /Read again:\s+n2: nothing of kube-proxy is left/,
      itWorks,
    ],
  },
  {
    heading: '5. After',
    says: [itWorks, /Services reach the same backends as before/, /^exit 0/m],
    saysNot: [/KPR3\d{3}/, /KPR4\d{3}/],
  },
  { heading: 'Back again', says: [itWorks] },
];

/** What a bed lacks that users have; everything else runs as it is written. */
export const replacements = (
  version: string,
): readonly { readonly text: string; readonly by: string; readonly why: string }[] => [
  {
    text: 'helm repo add cilium https://helm.cilium.io',
    by: 'true',
    why: 'the chart comes from the Go module of Cilium',
  },
  {
    text: ' cilium/cilium ',
    by: ` ${bedHome}/cilium/${version}/chart --version ${version} --disable-openapi-validation --post-renderer ${root}/test/cluster/lib/localise.sh --values ${root}/test/cluster/manifests/cilium-on-bed.yaml `,
    why: 'the same chart from a folder, with what lets its containers run without the registry’s images',
  },
];

/** Runs the README's blocks in a copy of its folder; gives what is not as it promises. */
export async function followReadme(bed: Bed, version: string): Promise<readonly string[]> {
  const blocks = readmeBlocks(readFileSync(join(example, 'README.md'), 'utf8'));
  const headings = blocks.map(({ heading }) => heading).join(', ');
  const expected = promised.map(({ heading }) => heading).join(', ');
  if (headings !== expected)
    return [`the README has the blocks ${headings}, and what is promised is known of ${expected}`];

  const folder = mkdtempSync(join(tmpdir(), 'kpr-readme-'));
  try {
    cpSync(example, folder, { recursive: true });
    // Any cluster has it; a bed that is up without a workload has not.
    await bed.apply(readFileSync(join(root, 'test', 'cluster', 'manifests', 'coredns.yaml'), 'utf8'));
    await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment', 'coredns', '--timeout=300s');
    const environment = prepareShell(bed, folder, version);
    const problems: string[] = [];
    for (const { heading, says, saysNot = [], exitCode = 0 } of promised) {
      const block = blocks.find((one) => one.heading === heading);
      if (block === undefined) continue;
      const done = await runBlock(block, version, folder, environment);
      const printed = `${done.stdout}\n${done.stderr}`;
      const wrong = [
        ...(done.exitCode === exitCode ? [] : [`ends with ${done.exitCode} instead of ${exitCode}`]),
        ...says.filter((one) => !one.test(printed)).map((one) => `does not say ${one}`),
        ...saysNot.filter((one) => one.test(printed)).map((one) => `says ${one}`),
      ];
      problems.push(...wrong.map((one) => `README, ${heading}: ${one}`));
      if (wrong.length > 0) {
        problems.push(...printed.trim().split('\n').slice(-40));
        // What follows builds on it.
        break;
      }
    }
    return problems;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As users have it, and what localise.sh needs. */
export const prepareShell = (bed: Bed, folder: string, version: string): NodeJS.ProcessEnv => ({
  ...userShell(bed, folder),
  KPR_BED_PROGRAMS: `/run/bed/cilium/${version}`,
  BED_NODE_PROGRAM: process.execPath,
});

async function runBlock(
  { script }: ReadmeBlock,
  version: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  const replaced = replacements(version).reduce((text, { text: from, by }) => text.replaceAll(from, by), script);
  // The blocks are for one shell: variables go from one to the next.
  const text = `[ ! -f .variables ] || . ./.variables\ntrap 'declare -p | grep -E "^declare -- [A-Z_]+=" > .variables' EXIT\n${replaced}`;
  return runShell(text, { cwd, env }, strict);
}
