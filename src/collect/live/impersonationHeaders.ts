import type { Impersonation } from './Connection.ts';

/**
 * The headers that ask the server to act as somebody else (client-go transport/round_trippers.go). A list of values is
 * that many headers of one name, never one with commas.
 */
export function impersonationHeaders(impersonate: Impersonation): Readonly<Record<string, string[]>> {
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
  return Object.fromEntries(headers.flatMap(([name, values]) => (values.length > 0 ? [[name, [...values]]] : [])));
}

/** Keys of extras may hold what the name of a header may not: those bytes go percent-encoded. */
function escapeHeaderKey(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[\w!#$&'*+.^`|~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
