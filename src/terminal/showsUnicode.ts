import type { Io } from './Io.ts';

/** Whether more than ASCII can be shown. */
export function showsUnicode(env: Io['env'], platform: string): boolean {
  if (platform === 'win32') {
    // The old console has no glyphs for the symbols; these are the terminals that have.
    return Boolean(
      env['WT_SESSION'] ?? env['TERM_PROGRAM'] ?? env['ConEmuTask'] ?? env['TERMINAL_EMULATOR'] ?? env['TERM'],
    );
  }
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return env['TERM'] !== 'linux' && (!locale || /utf-?8/i.test(locale));
}
