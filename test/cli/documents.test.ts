import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SchemaName } from '../../pkg/schemas.ts';
import { main } from '../../src/cli/main.ts';
import { parseSuppressions } from '../../src/parse/parseSuppressions.ts';
import { schemaVersion } from '../../src/report/DocumentHead.ts';
import { errorsBy } from '../report/schema.ts';
import { fakeIo } from '../support/fakeIo.ts';

const root = join(import.meta.dirname, '../..');
const broken = join(root, 'examples/captures/broken-cluster.kpr');
const before = join(root, 'test/fixtures/against/before.kpr');
const after = join(root, 'test/fixtures/against/after.kpr');

async function printed(...argv: readonly string[]): Promise<unknown> {
  const io = fakeIo();
  await main([...argv, '-o', 'json'], io);
  return JSON.parse(io.stdout.text);
}

const documents: readonly (readonly [SchemaName, readonly string[]])[] = [
  ['report', ['doctor', '--from', broken]],
  ['report', ['verify', '--from', after, '--against', before]],
  ['trace', ['trace', 'svc/httpd', '--from', broken]],
  ['diff', ['diff', before, after]],
  ['preflight', ['preflight', '--set', 'kubeProxyReplacement=true']],
  ['preflight', ['preflight', '--change', 'remove-kube-proxy', '--from', after]],
  ['checks', ['checks']],
  ['explain', ['explain']],
  ['explain', ['explain', 'KPR3003', 'agents-ready']],
  ['version', ['version']],
];

describe.each(documents)('the document of %s', (name, argv) => {
  test(`kubectl kpr ${argv.join(' ').replaceAll(`${root}/`, '')} -o json keeps to its schema, and says which it is`, async () => {
    const document = await printed(...argv);
    expect(errorsBy(name, document)).toEqual([]);
    expect(document).toMatchObject({ schemaVersion, tool: { name: 'kubectl-kpr' }, command: argv[0] });
    if (name !== 'version') expect(document).toHaveProperty('summary');
  });
});

test('each is told apart: a document does not keep to the schema of another', async () => {
  const checks = await printed('checks');
  for (const name of [
    'report',
    'trace',
    'diff',
    'preflight',
    'explain',
    'version',
    'baseline',
    'suppressions',
  ] as const)
    expect(errorsBy(name, checks), name).not.toEqual([]);
});

test('what --save-baseline writes keeps to its schema', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'kpr-baseline-')), 'known.json');
  await main(['doctor', '--from', broken, '--save-baseline', file], fakeIo());
  const document: unknown = JSON.parse(readFileSync(file, 'utf8'));
  expect(errorsBy('baseline', document)).toEqual([]);
});

const file = (...suppressions: readonly unknown[]) => ({ schemaVersion: 1, suppressions });

describe('a file of suppressions', () => {
  const entry = { code: 'KPR5011', reason: 'no pods at night', until: '2027-03-01' };

  test.each([
    file(entry),
    file({ ...entry, service: 'shop/web', node: 'n1' }),
    file({ ...entry, service: 'web' }),
    file({ ...entry, until: 'soon' }),
    file({ ...entry, until: undefined }),
    file({ ...entry, reason: '' }),
    file({ ...entry, nodes: ['n1'] }),
    { ...file(entry), schemaVersion: 2 },
    { suppressions: [entry] },
    file(),
    [],
  ])('%j is taken, or refused, by the program and by the schema alike', (document) => {
    const given: unknown = JSON.parse(JSON.stringify(document));
    expect(parseSuppressions(given, 'x').ok).toBe(errorsBy('suppressions', given).length === 0);
  });

  test.each([
    [{ suppressions: [] }, 'schemaVersion: it is missing'],
    [{ schemaVersion: 1, suppressions: [{ code: 'KPR5011', reason: 'x' }] }, 'suppressions.0.until: it is missing'],
    [{ schemaVersion: 1, suppressions: [], more: 1 }, 'more: no such key is known'],
  ])('what is wrong with %j is said in words', (document, why) => {
    expect(parseSuppressions(document, 'x')).toEqual({ ok: false, why });
  });
});
