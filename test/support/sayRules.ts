import { spawnSync } from 'node:child_process';
import { rulesDigestPerl } from '../../src/programs/programs.ts';

/** What a node prints that holds these rules and is asked in these words. */
export function sayRules(dump: string, words: readonly [nonce: string, known: string]): string {
  const { status, stdout, stderr } = spawnSync('perl', ['-e', rulesDigestPerl, ...words], {
    input: dump,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0 || stderr !== '') throw new Error(stderr);
  return stdout;
}
