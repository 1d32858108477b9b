import { createRequire } from 'node:module';
import { assert, property, string, constantFrom } from 'fast-check';
import { expect, test } from 'vitest';

const require = createRequire(import.meta.url);
const lazyWidth = require('../../pkg/lazyStringWidth.cjs') as (text: unknown) => number;
/** Two versions of it are installed: that of cliui, which lays out help, and that of ora. */
const cliui = createRequire(require.resolve('yargs')).resolve('cliui');
const versions = [cliui, require.resolve('ora')].map((user) => {
  const { default: width } = createRequire(user)('string-width') as { readonly default: (text: unknown) => number };
  return width;
});

const narrow = constantFrom(...Array.from(' aZ~-!|‘’“”…–—'));
const any = constantFrom('a', 'ü', '漢', '\u{1F44D}', '\u001b[1m', '\u0301', '\t', '\u007f');

test.each(versions)('what stands before string-width says what that says', (width) => {
  assert(property(string({ unit: narrow }), (text) => lazyWidth(text) === width(text)));
  assert(property(string({ unit: any }), (text) => lazyWidth(text) === width(text)));
  expect(lazyWidth(undefined)).toBe(width(undefined));
});
