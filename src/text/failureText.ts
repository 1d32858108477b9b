/** Node's `ENOENT: no such file or directory, open '/home/jane/x'`: which file it is, others say before it. */
const systemError = /^(?:E[A-Z0-9]+: )(.*?)(?:, [a-z]+(?: '.*')?)?$/s;

/** What was thrown, in words that go on from a colon: of what the system says no codes, calls and paths. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? error.message.replace(systemError, '$1') : (error.message.split('\n')[0] ?? '');
}
