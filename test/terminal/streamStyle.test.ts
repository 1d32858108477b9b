import { describe, expect, test } from 'vitest';
import { type ColorFlag, streamStyle } from '../../src/terminal/streamStyle.ts';
import { Screen } from '../support/fakeIo.ts';

const styleOf = (
  columns: number | undefined,
  env: Record<string, string>,
  color: ColorFlag = 'auto',
  platform = 'linux',
) => streamStyle(new Screen(columns), { env, platform }, color);

describe('colour: --color, then NO_COLOR, then FORCE_COLOR, then the terminal', () => {
  test.each<[string, number | undefined, Record<string, string>, ColorFlag, boolean]>([
    ['a terminal', 80, {}, 'auto', true],
    ['a file', undefined, {}, 'auto', false],
    ['NO_COLOR', 80, { NO_COLOR: '1' }, 'auto', false],
    ['an empty NO_COLOR is none', 80, { NO_COLOR: '' }, 'auto', true],
    ['TERM=dumb', 80, { TERM: 'dumb' }, 'auto', false],
    ['FORCE_COLOR in a file', undefined, { FORCE_COLOR: '1' }, 'auto', true],
    ['FORCE_COLOR=0 on a terminal', 80, { FORCE_COLOR: '0' }, 'auto', false],
    ['NO_COLOR before FORCE_COLOR', 80, { NO_COLOR: '1', FORCE_COLOR: '1' }, 'auto', false],
    ['CLICOLOR_FORCE in a file', undefined, { CLICOLOR_FORCE: '1' }, 'auto', true],
    ['CLICOLOR_FORCE=0 in a file', undefined, { CLICOLOR_FORCE: '0' }, 'auto', false],
    ['NO_COLOR before CLICOLOR_FORCE', 80, { NO_COLOR: '1', CLICOLOR_FORCE: '1' }, 'auto', false],
    ['--color=always before NO_COLOR, in a file', undefined, { NO_COLOR: '1' }, 'always', true],
    ['--color=never on a terminal', 80, { FORCE_COLOR: '1' }, 'never', false],
  ])('%s', (_, columns, env, color, expected) => {
    expect(styleOf(columns, env, color).paint.error('x') !== 'x').toBe(expected);
  });
});

test.each<[string, number | undefined, Record<string, string>, number | undefined]>([
  ['a terminal', 132, {}, 132],
  ['a narrow one', 12, {}, 40],
  ['one that does not know', 0, { COLUMNS: '100' }, 100],
  ['one of which nobody knows', 0, {}, 80],
  ['a file', undefined, { COLUMNS: '100' }, undefined],
])('the width of %s', (_, columns, env, width) => {
  expect(styleOf(columns, env).width).toBe(width);
});

test.each<[Record<string, string>, string, boolean]>([
  [{}, 'linux', true],
  [{ LANG: 'de_DE.UTF-8' }, 'linux', true],
  [{ LANG: 'C' }, 'linux', false],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, 'linux', false],
  [{ LANG: 'C', LC_ALL: 'C.utf8' }, 'linux', true],
  [{ TERM: 'linux' }, 'linux', false],
  [{}, 'win32', false],
  [{ WT_SESSION: 'x' }, 'win32', true],
])('Unicode with %j on %s: %s', (env, platform, unicode) => {
  expect(styleOf(80, env, 'auto', platform).unicode).toBe(unicode);
});
