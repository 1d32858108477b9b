import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { recordings } from '../cluster/recordings.ts';
import { captureOf, reportOf, snapshotOf, sysdumpOf } from '../support/readRecording.ts';

/** For a cluster that the user has chosen. */
function chosen(snapshot: Snapshot): Snapshot {
  const { origin } = snapshot;
  return origin.kind === 'live'
    ? snapshot
    : { ...snapshot, origin: { ...origin, kubectl: 'kubectl --context=chosen' } };
}

/** Whatever stands to be pasted, wherever it stands. */
function commandsIn(value: unknown, key = ''): readonly string[] {
  if (typeof value === 'string') return ['command', 'check', 'undo'].includes(key) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => commandsIn(one, Array.isArray(value) ? key : name));
}

const commandsOf = ({ findings }: ReportDocument): readonly string[] => [...new Set(commandsIn(findings))];

describe.each(recordings)('commands of $name', (recording) => {
  test('parse in a shell, and are for the cluster that was chosen', async () => {
    const commands = commandsOf(reportOf(chosen(await snapshotOf(captureOf(recording))), 'doctor'));
    for (const command of commands) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: command, encoding: 'utf8' });
      expect({ command, status, stderr }).toEqual({ command, status: 0, stderr: '' });
    }
    const reaching = commands.filter((one) => one.startsWith('kubectl '));
    expect(reaching.length).toBeGreaterThan(0);
    expect(reaching.filter((one) => !one.includes('--context=chosen'))).toEqual([]);
  });
});

const root = join(import.meta.dirname, '..', '..');
const isGiven = (line: string): boolean => /^(-A|:)\S* /.test(line);

describe.each(recordings.filter((one) => existsSync(join(root, sysdumpOf(one)))))(
  'what is seen in $name.zip',
  (one) => {
    test('is shown again by its command, and little else', async () => {
      const { findings } = reportOf(await snapshotOf(sysdumpOf(one)), 'doctor');
      const seen = findings.flatMap(({ evidence }) => evidence).filter(({ command }) => command.startsWith('unzip '));
      expect(seen.length).toBeGreaterThan(0);
      for (const { command, excerpt } of seen) {
        const { stdout } = spawnSync('bash', ['-c', command], { cwd: root, encoding: 'utf8' });
        const lines = stdout.split('\n').filter((line) => line !== '');
        // The state of a pod with many containers is long.
        const most = / \| awk /.test(command) ? 200 : 30;
        expect({ command, isShort: lines.length <= most }).toEqual({ command, isShort: true });
        // A row that lacks is shown by nothing.
        expect({ command, isAny: lines.length > 0 }).toEqual({ command, isAny: !/\(nothing\)|^no \d/.test(excerpt) });
        for (const line of excerpt.split('\n').filter(isGiven)) expect(stdout).toContain(line);
      }
    });
  },
);
