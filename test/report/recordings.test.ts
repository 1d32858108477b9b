import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openPromise } from 'yauzl';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CheckResult } from '../../src/core/runChecks.ts';
import { isKnown } from '../../src/model/Fact.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { telltales } from '../cluster/lib/machineTraces.ts';
import { recordings } from '../cluster/recordings.ts';
import {
  captureOf,
  reportOf,
  resultsOf,
  snapshotOf,
  sysdumpOf,
  tableOf,
  withoutTotals,
} from '../support/readRecording.ts';

/** Real clusters in several states, each taken as a capture and as a sysdump at the same time (`npm run record`). */
const root = join(import.meta.dirname, '..', '..');

test('every recording is there, and nothing else', () => {
  const files = readdirSync(join(root, 'test/fixtures/recordings')).map((file) => `test/fixtures/recordings/${file}`);
  const examples = readdirSync(join(root, 'examples/captures')).map((file) => `examples/captures/${file}`);
  expect([...files, ...examples].sort()).toEqual(recordings.flatMap((one) => [captureOf(one), sysdumpOf(one)]).sort());
});

describe.each(recordings)('$name', (recording) => {
  let capture: Snapshot;
  let sysdump: Snapshot;
  beforeAll(async () => {
    capture = await snapshotOf(captureOf(recording));
    sysdump = await snapshotOf(sysdumpOf(recording));
  });

  test('the report on the capture', async () => {
    await expect(withoutTotals(tableOf(reportOf(capture, 'doctor')))).toMatchFileSnapshot(
      `golden/recordings/${recording.name}.golden`,
    );
  });

  test('shows what it was made for, and nothing else', () => {
    const serious = reportOf(capture, 'doctor').findings.filter(({ severity }) => severity !== 'info');
    expect([...new Set(serious.map(({ code }) => code))].sort()).toEqual([...recording.codes].sort());
  });

  test('the sysdump says the same, apart from what it does not hold', () => {
    const absent = absentNodes(sysdump);
    const fromSysdump = new Map(resultsOf(sysdump, 'doctor').map((result) => [result.check.id, result]));
    for (const result of resultsOf(capture, 'doctor')) {
      const other = fromSysdump.get(result.check.id);
      expect({ check: result.check.id, differs: differences(result, other, absent) }).toEqual({
        check: result.check.id,
        differs: [],
      });
    }
  });

  test('tells nothing about the machine on which it was made, and opens no cluster', async () => {
    const texts = [
      ['capture', gunzipSync(readFileSync(join(root, captureOf(recording)))).toString('latin1')] as const,
      ...(await entriesOf(join(root, sysdumpOf(recording)))),
    ];
    const found = texts.flatMap(([name, text]) => telltales.flatMap((one) => `${name}: ${one.exec(text)?.[0] ?? ''}`));
    expect(found.filter((line) => !line.endsWith(': '))).toEqual([]);
  });

  test('is small', () => {
    for (const file of [captureOf(recording), sysdumpOf(recording)])
      expect(statSync(join(root, file)).size).toBeLessThan(120_000);
  });
});

test.each([
  ['a path of a bed', '/home/somebody/.cache/kpr-bed/beds/2/kubeconfig'],
  ['a volume of a bed', '{"name":"bed-usr","hostPath":{"path":"/usr"}}'],
  ['a private key', '-----BEGIN EC PRIVATE KEY-----'],
  ['a private key in a kubeconfig', `client-key-data: ${btoa('-----BEGIN RSA PRIVATE KEY-----\n')}`],
  ['a private key in base64', btoa('-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE')],
  ['a token', `${btoa('{"alg":"RS256","kid":"abc"}').replaceAll('=', '')}.${btoa('{"iss":"kubernetes"}')}.sig`],
])('%s would be noticed', (_, text) => {
  expect(telltales.some((one) => one.test(text))).toBe(true);
});

type Nodes = ReadonlySet<string>;

/** What the sysdump lacks may leave a check undecided; what it decides, it must decide as the capture does. */
function differences(capture: CheckResult, sysdump: CheckResult | undefined, absent: Nodes): string[] {
  if (sysdump === undefined) return ['not run'];
  const [ours, theirs] = [findingsOf(capture, absent), findingsOf(sysdump, absent)];
  const onlyTheirs = theirs.filter((one) => !ours.includes(one)).map((one) => `only in the sysdump: ${one}`);
  if (isPartial(sysdump) || isNotDialled(sysdump)) return onlyTheirs;
  // Nothing to be found, and nothing in which to look for it.
  const isSkipped = capture.result === 'pass' && sysdump.result === 'skipped';
  const isSame = capture.result === sysdump.result || isSkipped || absent.size > 0;
  return [
    ...onlyTheirs,
    ...ours.filter((one) => !theirs.includes(one)).map((one) => `only in the capture: ${one}`),
    ...(isSame ? [] : [`${capture.result}, in the sysdump ${sysdump.result}`]),
  ];
}

/** A hung agent leaves no bugtool: what is said of its node is that, or what the status of its pod shows. */
const absentNodes = ({ nodes }: Snapshot): Nodes =>
  new Set(nodes.filter(({ facts }) => Object.values(facts).every((fact) => !isKnown(fact))).map(({ name }) => name));

const isPartial = (result: CheckResult): boolean =>
  'unknowns' in result && result.unknowns.some(({ why }) => why.missing === 'notCollected');

/** No sysdump tells whether API servers answer. */
const isNotDialled = (result: CheckResult): boolean =>
  result.result === 'skipped' && result.reason === 'API servers were not dialled';

/** For each node: a finding is one for all nodes on which it is the same, and the sysdump may not have all. */
const findingsOf = (result: CheckResult, absent: Nodes): string[] =>
  (result.result === 'fail' ? result.findings : []).flatMap(({ code, variant, nodes, objects }) =>
    (nodes.length === 0 ? [''] : nodes)
      .filter((node) => !absent.has(node))
      .map((node) => [code, variant, node, ...objects.map(({ namespace, name }) => `${namespace}/${name}`)].join(' ')),
  );

async function entriesOf(file: string): Promise<(readonly [string, string])[]> {
  const zip = await openPromise(file);
  const entries: (readonly [string, string])[] = [];
  for await (const entry of zip.eachEntry()) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Uint8Array);
    entries.push([entry.fileName, Buffer.concat(chunks).toString('latin1')]);
  }
  return entries;
}
