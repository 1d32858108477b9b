import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '../..');
const rows = readFileSync(join(root, 'docs/budgets.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:---|run |of )/.test(line))
  .map((line) => line.split(' | '));
const quotedIn = (text = ''): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => quoted);

test('each budget is what the code says', () => {
  const limits = rows.filter((cells) => cells.length === 4).map(([, , where]) => quotedIn(where));
  expect(limits.length).toBeGreaterThan(10);
  for (const words of limits) {
    const files = words.filter((word) => word.startsWith('src/'));
    const values = words.filter((word) => !word.startsWith('src/'));
    expect([files.length, values.length]).not.toContain(0);
    for (const file of files) for (const value of values) expect(linesOf(file)).toContain(value);
  }
});

test('each names what holds it, and that is there', () => {
  for (const cells of rows) {
    const proofs = quotedIn(cells.at(-1));
    expect(proofs, cells[0]).not.toEqual([]);
    for (const proof of proofs) {
      const script = /^npm run (.+)$/.exec(proof)?.[1];
      expect(script === undefined ? existsSync(join(root, proof)) : script in packageJson.scripts, proof).toBe(true);
    }
  }
});

/** What each line gives a value, without the words around it. */
const linesOf = (file: string): readonly string[] =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((line) =>
      line
        .trim()
        .replace(/^(?:export )?const /, '')
        .replace(/[;,]$/, ''),
    );
