import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agentCommands } from '../../src/knowledge/nodeCommands.ts';
import {
  agentFrame,
  agentPrograms,
  cleanupPrograms,
  frontendsDigestPerl,
  lbDigestPerl,
  nftTablesPerl,
  perlPrograms,
  reachProbePerl,
  receiveScript,
  rulesDigestPerl,
  serviceRowsPerl,
} from '../../src/programs/programs.ts';
import { renderScript } from '../../src/remedy/cleanup/renderScript.ts';

const folder = join(import.meta.dirname, '../../src/programs');
const filesOf = (name: string): readonly string[] =>
  readdirSync(join(folder, name)).map((file) => readFileSync(join(folder, name, file), 'utf8'));
/** What is left of a text when what the agent's programs travel without is taken away. */
const bare = (text: string): string =>
  text
    .replaceAll(/^\s*#.*$| # [A-Z].*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

test('every file of a folder is one of the texts, whole but for its comments', () => {
  const perl = [
    ...Object.values(perlPrograms),
    frontendsDigestPerl,
    lbDigestPerl,
    nftTablesPerl,
    reachProbePerl,
    rulesDigestPerl,
    serviceRowsPerl,
  ];
  // Rules are dumped by four sections with one program.
  const agent = [agentFrame, ...perl, ...new Set(Object.values(agentPrograms))];
  expect(agent.map(bare).toSorted()).toEqual(filesOf('agent').map(bare).toSorted());
  expect([receiveScript, ...Object.values(cleanupPrograms)].map(bare).toSorted()).toEqual(
    filesOf('cleanup').map(bare).toSorted(),
  );
  for (const text of agent) expect(text).not.toMatch(/^[ #]| $|\n\n/m);
});

test('a command without a program of its own is one simple command', () => {
  const words = Object.values(agentCommands).flatMap((command) => ('words' in command ? [command.words] : []));
  // No shell splits it: it stands behind `run NAME`.
  for (const command of words) expect(command).toMatch(/^([\w$/-]+|"\$\w+"|'[^']+')( ([\w$/-]+|"\$\w+"|'[^']+'))*$/);
});

describe.skipIf(spawnSync('shellcheck', ['--version']).status !== 0)('shellcheck', () => {
  test('finds nothing in a whole clean-up', () => {
    const script = renderScript(
      {
        node: 'n1',
        tables: [
          {
            backend: 'nft',
            family: 'ipv4',
            table: 'nat',
            chains: 1,
            rules: 0,
            stages: ['*nat\n:KUBE-A - [0:0]\n-X KUBE-A\nCOMMIT\n'],
            states: ['a', 'b'],
          },
        ],
        nftTables: [{ family: 'ip', chains: 4 }],
        ipvs: { servers: ['-t 10.96.0.1:443'], byService: ['-t 172.30.0.11:31080'], link: true, sets: ["KUBE-'X"] },
        healthIsCilium: true,
        notes: ['KUBE-MARK-MASQ stays: the kubelet’s'],
      },
      { toolVersion: '0', takenAt: '', kubectl: 'kubectl', archive: 'a.kpr', agent: undefined },
    );
    const { stdout, status } = spawnSync('shellcheck', ['-'], { input: script, encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
