import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const lines = readFileSync(join(root, 'docs/threat-model.md'), 'utf8').split('\n');
const testsIn = (line: string): string[] => [...line.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path);

test('each promise of the threat model names tests, and each of them is there', () => {
  const rows = lines.slice(lines.findIndex((line) => line.startsWith('**'))).filter((line) => line.startsWith('| '));
  const promises = rows.filter((line) => !/^\| (?:promise|---) /.test(line));
  expect(promises.length).toBeGreaterThan(20);
  expect(promises.filter((line) => testsIn(line).length === 0)).toEqual([]);
  expect(lines.flatMap(testsIn).filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
