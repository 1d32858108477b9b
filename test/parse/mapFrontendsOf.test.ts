import { describe, expect, test } from 'vitest';
import { known, missing, valueOf } from '../../src/model/Fact.ts';
import type { LbTable } from '../../src/model/lb/LbTable.ts';
import { mapFrontendsOf } from '../../src/parse/mapFrontendsOf.ts';
import { parseMapFrontends } from '../../src/parse/parseMapFrontends.ts';
import { sampleLbList, sampleNames, sampleNodes, sampleText } from '../support/lbSamples.ts';
import { aFrontendKey } from '../support/keys.ts';

const answer = { text: '', stderr: '', exitCode: 0, command: 'bpf lb list --frontends' };
const tableOf = (change: (text: string) => string): LbTable => sampleLbList('1.20.1', 'n1', change);

describe('what the table says is what the text says', () => {
  test.each(sampleNames.flatMap((sample) => sampleNodes.map((node) => ({ sample, node }))))('$sample $node', (one) => {
    const { sample, node } = one;
    const fact = mapFrontendsOf(known(sampleLbList(sample, node), 'bpf lb list'), answer);
    const read = parseMapFrontends(sampleText(sample, node, 'bpf-lb-frontends.json'));
    expect(fact && [...fact.value]).toEqual(read.ok ? [...read.value] : undefined);
    expect(fact?.source).toBe('bpf lb list --frontends');
    expect(fact?.value.size).toBeGreaterThan(5);
  });

  test('a frontend without slot 0 is none', () => {
    const table = tableOf((text) => text.replaceAll(/ {2}"10\.96\.0\.1:443\/TCP \(0\)[\s\S]*?\n {2}\],\n/g, ''));
    expect(table.frontends.get(aFrontendKey('10.96.0.1:443/TCP'))?.hasMaster).toBe(false);
    const frontends = mapFrontendsOf(known(table, ''), answer);
    expect(frontends && valueOf(frontends)?.has(aFrontendKey('10.96.0.1:443/TCP'))).toBe(false);
  });
});

test.each([
  ['that was not read', missing('timeout', 'x'), answer],
  [
    'whose text is not there',
    known(
      tableOf((text) => text),
      '',
    ),
    missing('timeout', 'x'),
  ],
  [
    'with a line that was not understood',
    known(
      tableOf((text) => text.replace('10.96.0.1:443', '?')),
      '',
    ),
    answer,
  ],
  [
    'without counts',
    known(
      tableOf((text) => text.replace(' 3[0] ', ' many ')),
      '',
    ),
    answer,
  ],
] as const)('nothing is said of a table %s', (_, table, from) => {
  expect(mapFrontendsOf(table, from)).toBeUndefined();
});
