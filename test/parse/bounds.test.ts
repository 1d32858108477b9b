import { describe, expect, test } from 'vitest';
import { readYamlList, readYamlObject } from '../../src/collect/archive/readYaml.ts';
import { readDocument } from '../../src/collect/api/readDocument.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { DocumentReader } from '../../src/parse/DocumentReader.ts';
import { readNodeFacts } from '../../src/parse/readNodeFacts.ts';
import { parseJson, TooManyValues } from '../../src/text/parseJson.ts';
import { noDocuments } from '../support/fakeLoaders.ts';

const many = (count: number, one: (at: number) => unknown): unknown[] =>
  Array.from({ length: count }, (_, i) => one(i));

/** A document with so many lists, one in the other. */
const nested = (depth: number): string => `{"a":"\\"","b":${'['.repeat(depth)}${']'.repeat(depth)}}`;

describe('what has more than any cluster is not taken apart', () => {
  test('values of a document', () => {
    const text = `[${'{},'.repeat(5_000_001)}{}]`;
    expect(() => parseJson(text)).toThrow(TooManyValues);
    expect(readDocument('/api/v1/nodes', text)).toMatchObject({
      ok: false,
      why: { missing: 'unparsed', detail: expect.stringMatching(/holds more than 5000000 values/) },
    });
  });

  test('lists within lists, but not what stands in a string', () => {
    expect(parseJson(nested(999))).toHaveProperty('b');
    expect(() => parseJson(nested(1000))).toThrow(/more than 1000 lists within each other/);
    const annotation = `${'['.repeat(5000)}\\"${'['.repeat(5000)}${'x'.repeat(20_000_000)}`;
    expect(parseJson(`{"a":"${annotation}"}`)).toHaveProperty('a');
  });

  test('values of a text in YAML, and objects of a list', () => {
    expect(() => readYamlObject(`items: [${'{},'.repeat(500_001)}{}]`)).toThrow(/more than 500000 values/);
    expect(() => readYamlList(`items:\n${'- {}\n'.repeat(500_001)}`)).toThrow(/more than 500000 objects/);
  });

  test('rules of a dump', () => {
    const text = `*filter\n${'-A A\n'.repeat(1_000_001)}COMMIT\n`;
    const answer = { text, stderr: '', exitCode: 0, command: 'iptables-save' };
    const answers = { iptablesNft: answer, ip6tablesNft: answer, iptablesLegacy: answer, ip6tablesLegacy: answer };
    const { iptables } = readNodeFacts({ name: 'n1', answers }, { kubeProxyPod: undefined });
    const dumps = isKnown(iptables) ? iptables.value.map(({ tables }) => tables) : [iptables];
    for (const dump of dumps)
      expect(dump).toMatchObject({ missing: 'unparsed', detail: expect.stringMatching(/more than 1000000 lines/) });
  });

  test('objects of the API', () => {
    const services = { value: Array.from({ length: 500_001 }, () => ({})), source: 'kubectl get services' };
    const reader = new DocumentReader();
    const raw = { ...noDocuments, services };
    expect(reader.read(raw).services).toMatchObject({
      missing: 'unparsed',
      detail: expect.stringMatching(/more than 500000 objects/),
    });
    expect(reader.malformed(raw)).toEqual([]);
  });

  test.each([
    [
      'services',
      { ports: many(300, (i) => ({ port: i + 1 })), externalIPs: many(300, (i) => `10.0.${i >> 8}.${i & 255}`) },
    ],
  ] as const)('rows of one object of %s', (name, spec) => {
    const value = [{ metadata: { name: 'a', namespace: 'b' }, spec }];
    expect(new DocumentReader().malformed({ ...noDocuments, [name]: { value, source: 'x' } })).toMatchObject([
      { object: 'b/a', why: expect.stringMatching(/more rows than a map holds/) },
    ]);
  });

  test('backends of one slice', () => {
    const slice = {
      metadata: { name: 'a', namespace: 'b' },
      addressType: 'IPv4',
      endpoints: many(300, (i) => ({ addresses: [`10.0.${i}.1`] })),
      ports: many(300, (i) => ({ port: i + 1 })),
    };
    const raw = { ...noDocuments, endpointSlices: { value: [slice], source: 'x' } };
    expect(new DocumentReader().malformed(raw)).toMatchObject([{ why: expect.stringMatching(/more rows/) }]);
  });
});
