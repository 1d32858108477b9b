/** What expressions and loops stumble over when it is repeated: pieces of what they look for. */
export const hostileWords: readonly string[] = [
  'a',
  'A',
  '0',
  '-',
  '.',
  ':',
  '@',
  '"',
  "'",
  '\\',
  '=',
  ' ',
  '/',
  '[',
  '{',
  '(',
  '_',
  ',',
  '\n',
  '\t',
  '\r',
  '\u2028',
  '€',

  'a.',
  'a-',
  'aA',
  'a@',
  '@a.',
  'a:',
  '://',
  'a=',
  'a b',
  '"a",',
  '\\"',
  '--a ',
  "--a ' ",
  'a\n',
  ' \n',
  '[]',
  '{}',
  'eyJ',
  '-----BEGIN PRIVATE KEY-----',
  'LS0tLS1CRUdJTi',
  'Authorization: ',
  'token ',
  'token=',
  '"--token",',

  '-A KUBE-X -j ',
  '-A KUBE-X --comment "',
  ' comment "',
  ' -s "',
  '-A A\n',
  ':A - [0:0]\n',
  'KUBE-SVC-',
  '1.1.1.1',

  '{key:',
  'name: ',
  '"altnames": [',
  '{"a":',
  '["a",',
  '00:',
  'ab/',
  '%a',
  '-u a:',
  'fe80::',
  '::',
  '1: a: <',
  '  a',

  '10.0.0.1:80/TCP (0)',
  '> Error while running ',
  '\n```',
  '# a\n',
  'cilium> ',
  '  -> ',
  'add a ',
  'A:0\n',
  '/a/*:',
];

/** So many characters of it, as long as a program's answer is cut nowhere: with an end of line. */
export const repeated = (word: string, size: number): string =>
  `${word.repeat(Math.ceil(size / word.length)).slice(0, size)}\n`;

/** LINEAR_SIZE=1000000 looks closer, in some minutes. */
export const hostileSize = Number(process.env['LINEAR_SIZE'] ?? 25_000);

/** Milliseconds of processor time: the machine may be busy with other things. */
function costOf(work: () => unknown): number {
  const before = process.cpuUsage().user;
  work();
  return (process.cpuUsage().user - before) / 1000;
}

/**
 * The words that cost more than in proportion, with what they cost: as much text of the word as of usual ones takes
 * more than forty times as long, and twice as much more than three times as long.
 */
export function slowWords(usual: string, work: (text: string) => unknown): readonly string[] {
  const long = usual.repeat(Math.ceil(hostileSize / usual.length));
  const bound = Math.max(hostileSize / 1000, 40 * costOf(() => work(long)));
  return hostileWords.flatMap((word) => {
    const text = repeated(word, hostileSize);
    const ms = costOf(() => work(text));
    if (ms <= bound) return [];
    const half = costOf(() => work(repeated(word, hostileSize / 2)));
    const again = costOf(() => work(text));
    return Math.min(ms, again) > 3 * half
      ? [`${JSON.stringify(word)}: ${Math.round(half)} ms, twice as much ${Math.round(again)} ms`]
      : [];
  });
}
