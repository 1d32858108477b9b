import { readSmallFile } from '../collect/readSmallFile.ts';
import { KprError } from '../core/KprError.ts';
import type { Io } from '../terminal/Io.ts';
import { failureText } from '../text/failureText.ts';

/** Shorter ones can be found by trying. */
const leastLength = 16;

/**
 * The key in the file of --redact-key, else (undefined) the one of $KPR_REDACT_KEY; undefined: one is made of what the
 * cluster has. Throws KprError.
 */
export function redactKey(file: string | undefined, { env }: Pick<Io, 'env'>): string | undefined {
  const key = file === undefined ? env['KPR_REDACT_KEY'] : readKey(file);
  if (key === undefined || key === '') return undefined;
  if (key.trim().length < leastLength) {
    throw new KprError(
      `The key of --redact-key has less than ${leastLength} characters, so it could be guessed`,
      'Make one with: head -c 32 /dev/urandom | base64 > redact.key',
    );
  }
  return key.trim();
}

function readKey(file: string): string {
  try {
    return readSmallFile(file);
  } catch (error) {
    throw new KprError(
      `The file of --redact-key can't be read: ${failureText(error)}`,
      'Make one with: head -c 32 /dev/urandom | base64 > redact.key',
    );
  }
}
