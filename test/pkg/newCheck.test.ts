import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCheck, RefusedError } from '../../pkg/newCheck.ts';
import { codes } from '../../src/knowledge/codes.ts';

const project = join(import.meta.dirname, '..', '..');
/** What nobody has taken yet, whatever the project takes. */
const reserved = {
  KPR5099: { area: 'services', state: 'reserved', title: 'A port that nobody knows' },
  KPR7098: { area: 'configuration', state: 'reserved', title: 'A value that nobody knows' },
} as const;
const ledger = { ...codes, ...reserved };
/** A copy of the project, in which checks can be made. */
let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kpr-new-check-'));
  for (const path of [
    'checks',
    'src',
    'test/support',
    'test/fixtures/lb',
    'pkg/newCheck',
    'package.json',
    '.oxfmtrc.json',
    '.oxlintrc.json',
  ])
    cpSync(join(project, path), join(root, path), { recursive: true });
  const { compilerOptions } = JSON.parse(readFileSync(join(project, 'tsconfig.json'), 'utf8')) as {
    compilerOptions: object;
  };
  const include = ['checks', 'test/checks'];
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
  const file = join(root, 'src/knowledge/codes.ts');
  const [before = '', after = ''] = readFileSync(file, 'utf8').split('} as const satisfies');
  const entries = Object.entries(reserved).map(
    ([code, entry]) => `  ${code}: { area: '${entry.area}', state: 'reserved', title: '${entry.title}' },\n`,
  );
  writeFileSync(file, `${before}${entries.join('')}} as const satisfies${after}`);
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
});
afterAll(() => rmSync(root, { recursive: true }));

const run = (program: string, ...words: string[]): string =>
  execFileSync(join(project, 'node_modules', '.bin', program), words, { cwd: root, encoding: 'utf8' });
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

describe('a check about Services and one about nodes', () => {
  const made: string[] = [];
  test('are five files each', () => {
    made.push(...createCheck(['ports-known', 'services', 'KPR5099'], root, ledger));
    expect(made).toEqual([
      'checks/services/portsKnown.ts',
      'checks/services/problems/KPR5099.ts',
      'test/checks/services/portsKnown.test.ts',
      'checks/index.ts',
      'src/knowledge/codes.ts',
    ]);
    made.push(...createCheck(['values-known', 'configuration', 'KPR7098'], root, ledger));
    expect(read('src/knowledge/codes.ts')).toContain("  KPR5099: { area: 'services', state: 'taken' },\n");
    expect(read('checks/index.ts')).toMatch(/\n {2}healthChecksOn,\n {2}endpointsCurrent,\n {2}portsKnown,\n/);
    expect(read('checks/index.ts')).toMatch(/,\n {2}valuesKnown,\n {2}\/\/ examination\n/);
  });

  test('compile, are formatted, and have nothing that the linter does not like', { timeout: 120_000 }, () => {
    expect(run('tsc', '--noEmit')).toBe('');
    run('oxfmt', '--check', ...made);
    run('oxlint', '--deny-warnings', ...made);
  });

  test.each([
    ['the same again', ['ports-known', 'services', 'KPR5099'], 'ports-known exists already'],
    ['nothing', [], 'Usage: npm run new-check -- NAME AREA CODE'],
    ['a word too many', ['a-b', 'services', 'KPR5003', 'x'], 'Usage: '],
    ['no kebab case', ['nodePorts', 'services', 'KPR5003'], 'nodePorts is no name of a check'],
    ['no area', ['a-b', 'svc', 'KPR5003'], 'svc is no area; areas are agents, api-endpoint, '],
    ['a code of another area', ['a-b', 'services', 'KPR8001'], 'KPR8001 is a code of change, not of services'],
    ['a code that is taken', ['a-b', 'services', 'KPR5011'], 'KPR5011 is taken'],
    ['a code that nobody reserved', ['a-b', 'services', 'KPR5O03'], 'did you mean KPR5003?'],
  ])('%s is refused, and nothing is written', (_, words, message) => {
    const before = [read('checks/index.ts'), read('src/knowledge/codes.ts')];
    expect(() => createCheck(words, root, ledger)).toThrow(RefusedError);
    expect(() => createCheck(words, root, ledger)).toThrow(message);
    expect([read('checks/index.ts'), read('src/knowledge/codes.ts')]).toEqual(before);
  });
});
