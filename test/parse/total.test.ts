import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Parsed } from '../../src/parse/Parsed.ts';
import { everyParser } from './everyParser.ts';

const pieces = [
  'a',
  ' ',
  '"',
  '\\',
  '{',
  '[',
  '(',
  ':',
  '-',
  '\n',
  '\r',
  '\t',
  '\0',
  '  a',
  '\\"',
  '{}',
  '😀',
  'a:',
  '" -j ',
];

/** What such a value may hold and still be sane to whoever prints it. */
const isParsed = (result: Parsed<unknown>): boolean =>
  // oxlint-disable-next-line no-control-regex -- none of them may get out
  result.ok ? 'value' in result : result.why !== '' && !/[\u0000-\u001f\u007f-\u009f]/.test(result.why);

describe.each(everyParser.map(([parse, ...texts]) => ({ name: parse.name, parse, texts })))(
  '$name',
  ({ parse, texts }) => {
    test('understands its examples', () => {
      for (const text of texts) expect(parse(text)).toMatchObject({ ok: true });
    });

    test('takes any text', () => {
      fc.assert(
        fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.json()), (text) =>
          isParsed(parse(text)),
        ),
      );
    });

    test('takes any damage: cut, cut out, filled in, in the middle of what it understands', () => {
      const damaged = fc
        .tuple(
          fc.constantFrom(...texts),
          fc.nat(),
          fc.nat({ max: 40 }),
          fc.string({ unit: 'binary', maxLength: 20 }),
          fc.boolean(),
        )
        .map(([text, where, length, filling, cut]) => {
          const at = where % (text.length + 1);
          return `${text.slice(0, at)}${filling}${cut ? '' : text.slice(at + length)}`;
        });
      fc.assert(fc.property(damaged, (text) => isParsed(parse(text))));
    });

    test('takes any JSON where it reads JSON', () => {
      const json = texts.find((text) => /^[[{]/.test(text));
      if (json === undefined) return;
      const keys = ['10.0.0.1:80/TCP (0)', ...[...json.matchAll(/"([\w-]+)":/g)].map(([, key]) => key ?? '')];
      const value = fc.letrec((again) => ({
        value: fc.oneof(
          { depthSize: 'small' },
          fc.constantFrom(null, true, 0, -1, 1e300, '', 'Enabled', '10.0.0.1:80/TCP (0)', '0 3[0] (6) [0x2 0x0]'),
          fc.array(again('value'), { maxLength: 4 }),
          fc.dictionary(fc.constantFrom(...keys), again('value'), { maxKeys: 6 }),
        ),
      })).value;
      fc.assert(fc.property(value, (any) => isParsed(parse(JSON.stringify(any)))));
    });

    test('takes long lines and many lines in bounded time', () => {
      const heads = ['', ...texts.flatMap((text) => [text.split('\n', 1)[0] ?? '', `${text.split('\n', 1)[0]}\n`])];
      for (const piece of pieces) {
        const long = piece.repeat(Math.ceil(80_000 / piece.length));
        for (const head of heads) {
          const before = performance.now();
          expect(isParsed(parse(head + long))).toBe(true);
          expect(performance.now() - before).toBeLessThan(2000);
        }
      }
    });
  },
);
