import { expect, test } from 'vitest';
import { fuzzAnswers } from '../support/fuzz/fuzzAnswers.ts';
import { fuzzArchives } from '../support/fuzz/fuzzArchives.ts';
import { fuzzFiles } from '../support/fuzz/fuzzFiles.ts';
import { fuzzCommands } from '../support/fuzz/fuzzCommands.ts';

// A short run of what `npm run fuzz` does for many minutes, and the same each time.

test('commands on changed recordings: no bug, no control character, no success without what is needed', async () => {
  const { complaints, lost, commands } = await fuzzCommands(60, 1);
  expect(complaints).toEqual([]);
  // It did try what it says.
  expect({ lost: lost > 5, commands: commands > 5 }).toEqual({ lost: true, commands: true });
});

test('every parser of answers and of objects', async () => {
  const { known, missing, malformed } = await fuzzAnswers(2000, 1);
  expect({ known: known > 100, missing: missing > 100, malformed: malformed > 100 }).toEqual({
    known: true,
    missing: true,
    malformed: true,
  });
});

test('archives, and what lies in them', async () => {
  const { complaints, read, refused } = await fuzzArchives(60, 1);
  expect(complaints).toEqual([]);
  expect({ read: read > 10, refused: refused > 10 }).toEqual({ read: true, refused: true });
});

test('values, suppressions, baselines, and what nodes say in little', async () => {
  const { complaints, counts } = await fuzzFiles(500, 1);
  expect(complaints).toEqual([]);
  for (const { read, refused } of Object.values(counts))
    expect({ read: read > 0, refused: refused > 10 }).toEqual({ read: true, refused: true });
});
