import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { recordings } from '../cluster/recordings.ts';
import { captureOf, reportOf, snapshotOf } from '../support/readRecording.ts';

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
