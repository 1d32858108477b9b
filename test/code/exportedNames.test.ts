import { expect, test } from 'vitest';
import { sourcesOf } from './sources.ts';

const declaration =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/;

// A reader who searches for a name finds what is meant: it is declared once, and what others pass on keeps it.
test('an exported name has one meaning', () => {
  const places = new Map<string, string[]>();
  for (const { path, lines } of sourcesOf(['{src,checks}/**/*.ts'])) {
    for (const line of lines) {
      const name = declaration.exec(line)?.[1];
      if (name !== undefined) places.set(name, [...(places.get(name) ?? []), path]);
    }
  }
  const doubles = [...places].filter(([, paths]) => new Set(paths).size > 1);
  expect(Object.fromEntries(doubles)).toEqual({});
});
