import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

/** What a command leaves where it was called is soon committed with all else. */
const entries =
  '.ci .gitignore .oxfmtrc.json .oxlintrc.json .shellcheckrc CHANGELOG.md CONTRIBUTING.md LICENSE README.md SECURITY.md bin checks docs examples knip.json package-lock.json package.json pkg src test tsconfig.json vitest.config.ts';

test.skipIf(!existsSync(join(root, '.git')))('nothing else stands at the top', () => {
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 24 });
  const found = new Set(
    files
      .trimEnd()
      .split('\n')
      .map((file) => file.split('/', 1)[0]),
  );
  expect(found).toEqual(new Set(entries.split(' ')));
});
