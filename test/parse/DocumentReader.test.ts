import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missing, valueOf } from '../../src/model/Fact.ts';
import { type DocumentName, documentNames, type RawDocument, type RawDocuments } from '../../src/model/raw.ts';
import { DocumentReader } from '../../src/parse/DocumentReader.ts';
import { healthyFacts } from '../support/healthy.ts';

const readDocuments = (raw: RawDocuments) => new DocumentReader().read(raw);
const malformedObjects = (raw: RawDocuments) => new DocumentReader().malformed(raw);

const notCollected = missing('notCollected', 'not asked');
const documents = (changes: Partial<Record<DocumentName, RawDocument>>): RawDocuments => ({
  ...(Object.fromEntries(documentNames.map((name) => [name, notCollected])) as RawDocuments),
  ...changes,
});
const from = (value: unknown): RawDocument => ({ value, source: 'kubectl get it' });

test('well-shaped objects of every kind stay as they are', () => {
  const healthy = healthyFacts(['n1', 'n2']);
  const raw = documents({
    nodes: healthy.nodes,
    services: healthy.services,
    endpointSlices: healthy.endpointSlices,
    daemonSets: healthy.daemonSets,
    deployments: healthy.deployments,
    systemPods: healthy.systemPods,
    ciliumNodeConfigs: healthy.ciliumNodeConfigs,
  });
  const facts = readDocuments(raw);
  expect(malformedObjects(raw)).toEqual([]);
  for (const name of [
    'nodes',
    'services',
    'endpointSlices',
    'daemonSets',
    'deployments',
    'systemPods',
    'ciliumNodeConfigs',
  ] as const) {
    expect(facts[name]).toEqual(healthy[name]);
  }
});

test('what is missing stays missing, for its reason', () => {
  expect(readDocuments(documents({ services: missing('forbidden', 'no list') })).services).toEqual(
    missing('forbidden', 'no list'),
  );
});

describe('an object of a wrong shape', () => {
  const good = { metadata: { name: 'good', namespace: 'a' }, spec: { ports: [{ port: 80 }] } };

  test.each([
    [
      'ports are no list',
      { metadata: { name: 'bad', namespace: 'b' }, spec: { ports: 'x' } },
      'b/bad',
      /^spec\.ports: /,
    ],
    [
      'a port is no number',
      { metadata: { name: 'bad' }, spec: { ports: [{ port: '80' }] } },
      'bad',
      /^spec\.ports\.0\.port: /,
    ],
    ['a label is no text', { metadata: { name: 'bad', labels: { a: 1 } } }, 'bad', /^metadata\.labels\.a: /],
    ...['--all', '-lx=y', 'A', 'a b', 'a/b', '..', '$(id)', 'a'.repeat(254)].map(
      (name): [string, unknown, string, RegExp] => [
        `the name ${name.slice(0, 9)}`,
        { metadata: { name } },
        name,
        /^metadata\.name: Kubernetes gives no such name$/,
      ],
    ),
    [
      'a namespace that none has',
      { metadata: { name: 'bad', namespace: '-A' } },
      '-A/bad',
      /^metadata\.namespace: Kubernetes gives no such name$/,
    ],
    ['no name', { metadata: {} }, 'object 2', /^metadata\.name: /],
    ['no object', null, 'object 2', /^the object: /],
    ['a list', [], 'object 2', /./],
  ])('%s: it is named, and does not take the others with it', (_, bad, object, why) => {
    const raw = documents({ services: from([good, bad]) });
    expect(readDocuments(raw).services).toEqual({ value: [good], source: 'kubectl get it' });
    expect(malformedObjects(raw)).toEqual([{ document: 'services', object, why: expect.stringMatching(why) }]);
  });

  test('a pod on a node of a name that none has', () => {
    const pod = {
      metadata: { name: 'cilium-x', namespace: 'kube-system' },
      spec: { nodeName: '-lkubernetes.io/os=linux' },
    };
    const why = 'spec.nodeName: Kubernetes gives no such name';
    expect(malformedObjects(documents({ systemPods: from([pod]) }))).toEqual([
      { document: 'systemPods', object: 'kube-system/cilium-x', why },
    ]);
  });

  test('what Go prints as null is not there', () => {
    const slice = {
      metadata: { name: 's', labels: null },
      addressType: 'IPv4',
      endpoints: null,
      ports: [{ port: null }],
    };
    const service = { metadata: { name: 'web' }, spec: { ports: [{ port: 80, nodePort: null }], clusterIPs: null } };
    const raw = documents({ endpointSlices: from([slice]), services: from([service]) });
    expect(malformedObjects(raw)).toEqual([]);
    const { endpointSlices, services } = readDocuments(raw);
    expect(valueOf(endpointSlices)).toStrictEqual([{ metadata: { name: 's' }, addressType: 'IPv4', ports: [{}] }]);
    expect(valueOf(services)).toStrictEqual([{ metadata: { name: 'web' }, spec: { ports: [{ port: 80 }] } }]);
    expect(slice.endpoints).toBeNull();
  });

  test('null where something must be is of a wrong shape', () => {
    const raw = documents({
      services: from([{ metadata: { name: 'a' }, spec: { ports: [{ port: null }] } }]),
      endpointSlices: from([{ metadata: { name: 'b' }, addressType: 'IPv4', endpoints: [{ addresses: [null] }] }]),
    });
    expect(malformedObjects(raw).map(({ object, why }) => `${object} ${why}`)).toEqual([
      expect.stringMatching(/^a spec\.ports\.0\.port: /),
      expect.stringMatching(/^b endpoints\.0\.addresses\.0: /),
    ]);
  });

  test('objects are handed on as they are, not as copies', () => {
    const service = { metadata: { name: 'web' }, spec: { ports: [{ port: 80, anything: 'else' }] } };
    const { services } = readDocuments(documents({ services: from([service]) }));
    expect(valueOf(services)?.[0]).toBe(service);
  });

  test('no object at all has the shape: the list is not what it should be', () => {
    expect(readDocuments(documents({ nodes: from([{ a: 1 }]) })).nodes).toMatchObject({ missing: 'unparsed' });
    expect(readDocuments(documents({ nodes: from({ items: [] }) })).nodes).toMatchObject({ missing: 'unparsed' });
    expect(readDocuments(documents({ nodes: from([]) })).nodes).toMatchObject({ value: [] });
  });
});

describe('version', () => {
  test.each([
    [
      { gitVersion: 'v1.36.3', major: '1', minor: '36' },
      { gitVersion: 'v1.36.3', major: 1, minor: 36 },
    ],
    [
      { gitVersion: 'v1.31.4-eks-2d5f260', major: '1', minor: '31+' },
      { gitVersion: 'v1.31.4-eks-2d5f260', major: 1, minor: 31 },
    ],
    [
      { gitVersion: 'unknown', major: '1', minor: '28+' },
      { gitVersion: 'unknown', major: 1, minor: 28 },
    ],
    [
      { clientVersion: { gitVersion: 'v1.30.0' }, serverVersion: { gitVersion: 'v1.29.2+k3s1' } },
      { gitVersion: 'v1.29.2+k3s1', major: 1, minor: 29 },
    ],
  ])('%j', (value, version) => {
    expect(readDocuments(documents({ version: from(value) })).version).toEqual({
      value: version,
      source: 'kubectl get it',
    });
  });

  test.each([[{}], [null], ['v1.36'], [{ gitVersion: 'x' }], [{ gitVersion: 5 }]])('%j is none', (value) => {
    expect(readDocuments(documents({ version: from(value) })).version).toMatchObject({ missing: 'unparsed' });
  });
});

describe('ConfigMaps', () => {
  const configMap = { metadata: { name: 'cilium-config' }, data: { 'enable-ipv4': 'true', empty: '' } };

  test('cilium-config key by key', () => {
    const { ciliumConfig } = readDocuments(documents({ ciliumConfig: from(configMap) }));
    expect(ciliumConfig).toEqual({
      value: { byKey: new Map(Object.entries(configMap.data)) },
      source: 'kubectl get it',
    });
    expect(readDocuments(documents({ ciliumConfig: missing('absent', 'none') })).ciliumConfig).toEqual(
      missing('absent', 'none'),
    );
    expect(readDocuments(documents({ ciliumConfig: from({ metadata: { name: 'x' } }) })).ciliumConfig).toMatchObject({
      value: { byKey: new Map() },
    });
  });

  test('that there is none is known of those that may not be there; that it could not be read is not', () => {
    expect(readDocuments(documents({ kubeProxyConfig: missing('absent', 'not found') })).kubeProxyConfig).toEqual({
      value: undefined,
      source: 'kubectl -n kube-system get configmap kube-proxy',
    });
    expect(readDocuments(documents({ kubeadmConfig: missing('forbidden', 'no') })).kubeadmConfig).toEqual(
      missing('forbidden', 'no'),
    );
    expect(readDocuments(documents({ clusterInfo: from(configMap) })).clusterInfo).toMatchObject({ value: configMap });
    expect(
      readDocuments(documents({ clusterInfo: from({ metadata: { name: 'x' }, data: { a: 1 } }) })).clusterInfo,
    ).toMatchObject({ missing: 'unparsed' });
  });
});

test('takes any value', () => {
  const any = fc.oneof(
    fc.jsonValue(),
    fc.array(fc.record({ metadata: fc.record({ name: fc.string() }), spec: fc.jsonValue(), status: fc.jsonValue() })),
  );
  fc.assert(
    fc.property(fc.constantFrom(...documentNames), any, (name, value) => {
      const raw = documents({ [name]: from(value) });
      readDocuments(raw);
      return Array.isArray(malformedObjects(raw));
    }),
  );
});

/** A reader that heard these Services before it was told that these are all. */
function followed(heard: readonly unknown[], ended: readonly unknown[]): DocumentReader {
  const reader = new DocumentReader();
  const list = reader.follow('services');
  for (const one of heard) list.heard(one);
  list.ended(ended);
  return reader;
}

describe('a list that is looked at while it comes', () => {
  const services = [
    { metadata: { name: 'a', namespace: 'x' }, spec: { clusterIP: '10.96.0.1' } },
    { metadata: { name: 'b', namespace: 'x' }, spec: { ports: 'none' } },
    { metadata: 7 },
  ];
  const raw = documents({ services: from(services) });

  test('is read as one that came at once', () => {
    const reader = followed(services, services);
    expect(reader.read(raw)).toEqual(readDocuments(raw));
    expect(reader.malformed(raw)).toEqual(malformedObjects(raw));
    expect(reader.malformed(raw).map(({ object }) => object)).toEqual(['x/b', 'object 3']);
  });

  test('is not looked at again', () => {
    const reader = followed(services, services);
    const before = services.splice(0, 1, { metadata: 8 });
    expect(valueOf(reader.read(raw).services)).toEqual(before);
    services.splice(0, 1, ...before);
  });

  test('and where it began anew, what came before that does not count', () => {
    const reader = followed([services[0], ...services], services);
    expect(reader.read(raw)).toEqual(readDocuments(raw));
    expect(reader.malformed(raw)).toEqual(malformedObjects(raw));
  });
});

test('10,000 EndpointSlices of 20 endpoints in bounded time, and once only', () => {
  const slices = Array.from({ length: 10_000 }, (_, i) => ({
    metadata: { name: `s${i}`, namespace: 'shop', labels: { 'kubernetes.io/service-name': `s${i}` } },
    addressType: 'IPv4',
    endpoints: Array.from({ length: 20 }, (_, k) => ({
      addresses: [`10.0.0.${k}`],
      conditions: { ready: true },
      nodeName: 'n1',
    })),
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  }));
  const raw = documents({ endpointSlices: from(slices) });
  const before = performance.now();
  const reader = new DocumentReader();
  expect(reader.read(raw).endpointSlices).toMatchObject({ source: 'kubectl get it' });
  const first = performance.now() - before;
  expect(first).toBeLessThan(3000);
  for (let i = 0; i < 100; i++) reader.read(raw);
  expect(performance.now() - before - first).toBeLessThan(1000);
});
