const longest = (last: string): string =>
  [63, 63, 63, 60].map((length, at) => 'abcd'.charAt(at).repeat(length)).join('.') + last;

/** Names of nodes that the API takes, and that a program may take for something else; first plain ones, for others. */
export const oddNames: readonly string[] = [
  'n1',
  'n2',
  // As long as a name may be, and another that differs at its end alone.
  longest('x'),
  longest('y'),
  // Digits, which are equal to whoever compares numbers; and what YAML and others take for a number.
  '7',
  '007',
  '1e3',
  '0x10',
  '10.0.0.1',
  // Each begins as the one before.
  'node-1',
  'node-10',
  'node-1.example.com',
  'node-1.example.com.internal',
  // Which look alike.
  'nl',
  'n0',
  'no',
  // Words of languages and file systems.
  'constructor',
  'null',
  'true',
  'nodes',
  'manifest.json',
  'con',
  'all',
];
