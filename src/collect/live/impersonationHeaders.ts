import type { Impersonation } from './Connection.ts';

/**
 * Keys of extras may hold what a header's name may not: those bytes go percent-encoded (client-go
 * transport/round_trippers.go).
 */
const escapeHeaderKey = (key: string): string =>
  [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[\w!#$&'*+.^`|~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

/**
 * The headers that ask the server to act as somebody else. A list of values is that many headers of one name, never one
 * with commas.
 */
export const impersonationHeaders = (impersonate: Impersonation): Readonly<Record<string, readonly string[]>> => {
  if (impersonate.user === '') return {};
  const headers: [string, readonly string[]][] = [
    ['impersonate-user', [impersonate.user]],
    ['impersonate-uid', impersonate.uid ? [impersonate.uid] : []],
    ['impersonate-group', impersonate.groups],
    ...Object.entries(impersonate.extra).map(([key, values]): [string, readonly string[]] => [
      `impersonate-extra-${escapeHeaderKey(key.toLowerCase())}`,
      values,
    ]),
  ];
  return Object.fromEntries(headers.filter(([, values]) => values.length > 0));
};
