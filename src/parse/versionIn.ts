import { parseVersion } from '../knowledge/version.ts';

/**
 * The version that an agent's message begins with: `1.20.1 (v1.20.1-5e7d2f2c)`, followed by what is
 * wrong, if anything is.
 */
export function versionIn(message: string): string | undefined {
  const text = /^v?([-+.\w]+)/.exec(message)?.[1];
  return parseVersion(text) === undefined ? undefined : text;
}
