import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { lbDigestPerl } from '../../src/programs/programs.ts';

/** As LiveSource has it. */
export const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** What a node prints that holds this dump and is asked in these words. */
export function sayDigest(dump: string, words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('perl', ['-e', lbDigestPerl, ...words], {
    input: dump,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
