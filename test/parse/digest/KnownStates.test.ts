import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { splitShell } from '../../../src/collect/splitShell.ts';
import { KnownStates, type ToldStates } from '../../../src/parse/digest/KnownStates.ts';
import { parseFrontendStates } from '../../../src/parse/parseFrontendStates.ts';
import { frontendsDigestPerl } from '../../../src/programs/programs.ts';
import { sha256 } from '../../support/sayDigest.ts';

const widths = [24, 15, 22, 10, 36, 13, 10, 8, 0];
const line = (cells: readonly string[]): string => cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('');
const headings = 'Address Type ServiceName PortName Backends RedirectTo Status Since Error'.split(' ');

interface Row {
  readonly status?: string;
  readonly type?: string;
  readonly error?: string;
}
const rowOf = (at: number, { status = 'Done', type = 'ClusterIP', error = '' }: Row = {}): string =>
  line([
    `10.96.0.${at}:80/TCP`,
    type,
    `shop/s${at}`,
    'http',
    '10.1.0.1:8080/TCP, 10.1.0.2:8080/TCP',
    '',
    status,
    '2m3s',
    error,
  ]);

/** As the shell of cilium-dbg prints it. */
const session = (rows: readonly string[]): string =>
  ['n1> db/show frontends', line(headings), ...rows, 'n1> db/show health', 'Module', 'n1> '].join('\r\n');

const commands = ['db/show frontends', 'db/show health'];

function said(rows: readonly string[], { words }: ToldStates): string {
  const { stdout, stderr } = spawnSync('perl', ['-e', frontendsDigestPerl, ...words], {
    input: session(rows),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const answers = splitShell(stdout, commands);
  expect(answers.get('db/show health')).toBe('Module\n');
  return answers.get('db/show frontends') ?? '';
}

const common = Array.from({ length: 50 }, (_, at) => rowOf(at));
const hostPort = rowOf(90, { type: 'HostPort' });
const failed = rowOf(91, { status: 'Error', error: 'no room Done 3s' });
const pending = rowOf(92, { status: 'Pending' });

function learnt(): KnownStates {
  const states = new KnownStates(sha256);
  const told = states.known('first');
  expect(states.hear(said(common, told), told)).toBeUndefined();
  return states;
}

/** What is read of a node that was told what is known, and how much it said. */
function read(states: KnownStates, rows: readonly string[]) {
  const told = states.known('kpr-1');
  const text = said(rows, told);
  expect(states.hear(text, told)).toBeUndefined();
  const found = states.read(text);
  return {
    lines: text.split('\n').length - 1,
    keys: new Set((found.ok ? found.value : []).map((one) => JSON.stringify(one))),
  };
}

function whole(rows: readonly string[]): ReadonlySet<string> {
  const told: ToldStates = { words: ['kpr-1', ''] };
  const found = parseFrontendStates(said(rows, told));
  return new Set((found.ok ? found.value : []).map((one) => JSON.stringify(one)));
}

describe('frontends of an agent that others have, too', () => {
  test.each([
    ['and nothing else', common, 2],
    ['in another order', common.toReversed(), 2],
    ['with those that only this one has, or that are not done', [failed, ...common, hostPort, pending], 5],
    ['without one of them', common.slice(1), 50],
    ['with one more', [...common, rowOf(93)], 52],
    ['of which one is not done any more', [...common.slice(1), rowOf(0, { status: 'Refreshing' })], 51],
  ])('%s', (_, rows, lines) => {
    const found = read(learnt(), rows);
    expect(found.keys).toEqual(whole(rows));
    expect(found.lines).toBe(lines);
  });

  test('a table that is cut, or of nothing, goes as it is', () => {
    expect(read(learnt(), [])).toEqual({ lines: 1, keys: new Set() });
  });

  test('an answer to another question, or of another length, is not believed', () => {
    const states = learnt();
    const told = states.known('kpr-1');
    const text = said(common, states.known('another'));
    expect(states.hear(text, told)).toMatch(/not that of this question/);
    expect(states.hear(said(common, told).replace(/[0-9a-f]\n/, '\n'), told)).toMatch(/not that of this question/);
    expect(new KnownStates(sha256).hear(text, told)).toMatch(/not known/);
  });
});
