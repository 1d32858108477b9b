import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { columnsOf } from '../../src/text/wrap.ts';
import { incidents } from '../incidents/index.ts';
import { reportOf } from '../support/readRecording.ts';
import { screenOf } from '../support/screenOf.ts';

/** Each public report as a person sees it who is called at night: one look at the smallest usual terminal. */
const seen = incidents.flatMap(({ sources: [name], outcome }) =>
  outcome.kind === 'seen' ? [{ name, code: outcome.code, snapshot: outcome.scenario }] : [],
);

/** Every command that is printed: evidence, steps with what must hold before, checks, undos, other ways. */
function commandsIn(value: unknown, key = ''): readonly string[] {
  if (typeof value === 'string') return ['command', 'check', 'undo'].includes(key) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => commandsIn(one, Array.isArray(value) ? key : name));
}

test.each(seen)('$name: verdict, cause and what to type within 24 rows', async ({ snapshot }) => {
  const report = reportOf(snapshot, 'doctor');
  const { lines, broken } = await screenOf(report, 80, 24);
  const first = lines.slice(0, 24);
  expect(first[2]).toMatch(/^. (?:FAIL|PASS|PASS WITH WARNINGS|UNKNOWN|ERROR): /);
  const cause = report.findings.find(({ severity, effectOf }) => severity !== 'info' && effectOf === undefined);
  // A line that the terminal breaks is one word, which nobody could break for it.
  expect(broken.filter((line) => columnsOf(line) > 60)).toEqual([]);
  if (cause === undefined) return;
  expect(first.join('\n')).toContain(cause.code);
  const [command] = cause.remedy.steps.flatMap(({ commands }) => commands.map((one) => one.command));
  // The beginning is enough to see what it is; what does not fit follows.
  const typed = first.join(' ').replaceAll(/ \\? +/g, ' ');
  if (command !== undefined) expect(typed).toContain(command.split(' ').slice(0, 4).join(' '));
});

test('every command that they print parses in a shell', () => {
  const commands = new Set(seen.flatMap(({ snapshot }) => commandsIn(reportOf(snapshot, 'doctor').findings)));
  expect(commands.size).toBeGreaterThan(200);
  const wrong = [...commands].filter((input) => spawnSync('bash', ['-n'], { input }).status !== 0);
  expect(wrong).toEqual([]);
}, 60_000);
