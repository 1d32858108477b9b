import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureSource } from '../../../src/collect/archive/CaptureSource.ts';
import { CaptureWriter, type CaptureWriterOptions } from '../../../src/collect/archive/CaptureWriter.ts';
import { nodeDirectory } from '../../../src/collect/archive/nodeDirectory.ts';
import { openArchive } from '../../../src/collect/archive/openArchive.ts';
import { TimeIsUp } from '../../../src/collect/runEnd.ts';
import { missing } from '../../../src/model/Fact.ts';
import { answerNames, documentNames, type RawDocuments, type RawNode } from '../../../src/model/raw.ts';
import { buildTar } from './buildTar.ts';
import { collect, everything, kprErrorOf, temporaryFolder } from './support.ts';

const options: CaptureWriterOptions = {
  origin: { kind: 'live', context: 'prod', server: 'https://10.0.0.1:6443', kubectl: 'kubectl --context=prod' },
  takenAt: '2026-11-21T10:00:00Z',
  toolVersion: '0.1.0',
};

const noDocuments = Object.fromEntries(
  documentNames.map((name) => [name, missing('forbidden', `no ${name} for you`)]),
) as RawDocuments;
const documents: RawDocuments = {
  ...noDocuments,
  version: { value: { gitVersion: 'v1.36.3', major: '1', minor: '36' }, source: 'kubectl get --raw /version' },
  services: {
    value: [{ metadata: { name: 'a', namespace: 'b' }, spec: { clusterIP: '10.96.0.1' } }],
    source: 'kubectl get services -A -o json',
  },
  kubeProxyConfig: missing('absent', 'configmaps "kube-proxy" not found'),
};
const aNode = (name: string, text = 'KUBE-SERVICES\n'): RawNode => ({
  name,
  answers: {
    status: { ...missing('timeout', 'no answer within 5 s'), command: 'cilium-dbg status --verbose' },
    iptablesNft: { text, stderr: '# Warning', exitCode: 0, command: 'iptables-nft-save -c' },
    lbList: { text: '', stderr: 'no map', exitCode: 1, command: 'cilium-dbg bpf lb list' },
    kernel: missing('unreachable', 'gone'),
  },
});

async function write(
  file: string,
  all: RawDocuments,
  nodes: readonly RawNode[],
  changes: Partial<CaptureWriterOptions> = {},
): Promise<number> {
  const writer = new CaptureWriter(file, { ...options, ...changes });
  await writer.documents(all);
  await Promise.all(nodes.map((node) => writer.node(node)));
  return writer.finish();
}

const newFile = (): string => join(temporaryFolder(), 'x.kpr');
const sha = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
/** A gzip member's end may fall anywhere; the tar within is one. */
const namesIn = (file: string): string[] => {
  const tar = gunzipSync(readFileSync(file));
  const names: string[] = [];
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    names.push(tar.toString('utf8', at, at + 100).replace(/\0.*$/s, ''));
    at += 512 + Math.ceil(Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8) / 512) * 512;
  }
  return names;
};

const whole = async (): Promise<Buffer> => {
  const file = newFile();
  await write(file, documents, [aNode('n1', `${Math.PI}\n`.repeat(400)), aNode('n2', `${Math.E}\n`.repeat(400))]);
  return readFileSync(file);
};

const reading = async (bytes: Uint8Array): Promise<unknown> => {
  const file = newFile();
  writeFileSync(file, bytes);
  return collect(await openArchive(file));
};

const manifest = (nodes: object[]): string =>
  JSON.stringify({
    format: 'kubectl-kpr capture',
    schemaVersion: '1.9',
    tool: { name: 'x', version: '9' },
    takenAt: options.takenAt,
    origin: { context: '', server: '', more: 1 },
    documents: { version: { file: 'cluster/version.json', source: 's' } },
    nodes,
    later: true,
  });

describe('a capture gives back what went in', () => {
  it('documents, answers, and why there are none', async () => {
    const file = newFile();
    const size = await write(file, documents, [aNode('n2'), aNode('n1')]);
    expect(size).toBe(statSync(file).size);
    const read = await collect(await openArchive(file));
    expect(read).toEqual({
      origin: { kind: 'capture', file, context: 'prod', server: 'https://10.0.0.1:6443' },
      takenAt: options.takenAt,
      documents,
      nodes: [aNode('n1'), aNode('n2')],
    });
  });

  it('whatever the nodes are called and whatever they answer', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map((value) => value.toWellFormed());
    const nodeName = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        '',
        '.',
        '..',
        '../../etc/passwd',
        '/abs',
        'a/b',
        'CON',
        'n1.',
        'N1',
        'n1',
        'n-1.example.com',
        'x'.repeat(300),
        '\u0000',
        '__proto__',
        '\ud800',
      ),
    );
    const why = fc.constantFrom(
      'forbidden' as const,
      'timeout' as const,
      'unreachable' as const,
      'absent' as const,
      'unparsed' as const,
      'notCollected' as const,
    );
    // Credentials in these would be redacted, which is another test's business.
    const plain = fc.stringMatching(/^[ -~]{0,30}$/).filter((value) => !/[=:@"]/.test(value));
    const command = fc.constantFrom('uname -r', 'kubectl -n kube-system exec cilium-n1 -c cilium-agent -- uname -r');
    const answer = fc.oneof(
      fc.record({ text, stderr: plain, exitCode: fc.nat(255), command }),
      fc.record({ missing: why, detail: plain }),
      fc.record({ missing: why, detail: plain, command }),
      fc.record({ missing: why, detail: plain, command, unheard: fc.constant(true as const) }),
    );
    const node = fc.record({
      name: nodeName,
      answers: fc.dictionary(fc.constantFrom(...answerNames.filter((name) => name !== 'conntrack')), answer, {
        noNullPrototype: true,
      }),
    });
    const nodes = fc.uniqueArray(node, { selector: ({ name }) => name, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(nodes, async (all) => {
        const file = newFile();
        await write(file, documents, all);
        const { nodes: read } = await collect(await CaptureSource.open(file));
        const byName = new Map(read.map((one) => [one.name, one]));
        expect(byName.size).toBe(all.length);
        for (const one of all) expect(byName.get(one.name)).toEqual(one);
      }),
      { numRuns: 15 },
    );
  });

  it('only what the plan asks for', async () => {
    const file = newFile();
    await write(file, documents, [aNode('n1'), aNode('n2'), aNode('n3')]);
    const plan = {
      ...everything,
      documents: new Set(['services'] as const),
      answers: new Set(['kernel', 'lbList'] as const),
      nodes: new Set(['n2']),
    };
    const read = await collect(await openArchive(file), plan);
    expect(read.documents.services).toEqual(documents.services);
    expect(read.documents.version).toMatchObject({ missing: 'notCollected' });
    expect(read.nodes.map(({ name, answers }) => [name, Object.keys(answers).sort()])).toEqual([
      ['n2', ['kernel', 'lbList']],
    ]);
  });

  it('a node that answered nothing, and no node at all', async () => {
    const file = newFile();
    await write(file, documents, [{ name: 'n1', answers: {} }]);
    expect((await collect(await openArchive(file))).nodes).toEqual([{ name: 'n1', answers: {} }]);
    const other = newFile();
    await write(other, noDocuments, []);
    expect(await collect(await openArchive(other))).toMatchObject({ documents: noDocuments, nodes: [] });
  });

  it('stops when it is told to', async () => {
    const file = newFile();
    await write(file, documents, [aNode('n1'), aNode('n2')]);
    const { nodes } = await collect(await openArchive(file), { ...everything, signal: AbortSignal.abort() }).catch(
      () => ({ nodes: [] }),
    );
    expect(nodes).toEqual([]);
  });

  it('says of nodes that it holds, and did not come to, that they were not read', async () => {
    const file = newFile();
    await write(file, documents, [aNode('n1'), aNode('n2')]);
    const controller = new AbortController();
    const read: RawNode[] = [];
    const source = await openArchive(file);
    await source.read(
      { ...everything, signal: controller.signal },
      {
        documents: () => {},
        node: (node) => {
          read.push(node);
          controller.abort(new TimeIsUp());
        },
      },
      { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} },
    );
    expect(read[0]).toEqual(aNode('n1'));
    const why = missing('timeout', 'not read from the archive: the time for the whole run was up');
    expect(read[1]).toMatchObject({ name: 'n2', answers: { iptablesNft: why, lbList: why } });
  });
});

describe('the file', () => {
  it('is the same for the same input, whoever answered first', async () => {
    const nodes = ['n10', 'n2', 'n1'].map((name) => aNode(name, `${name}\n`.repeat(1000)));
    const [a, b] = [newFile(), newFile()];
    await write(a, documents, nodes);
    const writer = new CaptureWriter(b, options);
    await writer.documents(documents);
    for (const node of nodes.toReversed()) await writer.node(node);
    await writer.finish();
    expect(sha(b)).toBe(sha(a));
  });

  it('has the manifest first, and one file for each answer', async () => {
    const file = newFile();
    await write(file, documents, [aNode('n2'), aNode('n1')]);
    expect(namesIn(file)).toEqual([
      'manifest.json',
      'cluster/version.json',
      'cluster/services.json',
      'nodes/n1/lbList.txt',
      'nodes/n1/iptablesNft.txt',
      'nodes/n2/lbList.txt',
      'nodes/n2/iptablesNft.txt',
    ]);
  });

  it('is for its owner only, and nothing lies beside it', async () => {
    const file = newFile();
    await write(file, documents, [aNode('n1')]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(file, '..'))).toEqual(['x.kpr']);
  });

  it('leaves nothing when it is given up', async () => {
    const file = newFile();
    const writer = new CaptureWriter(file, options);
    await writer.documents(documents);
    await writer.node(aNode('n1'));
    await writer.discard();
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('is not written over, unless that was said', async () => {
    const file = newFile();
    writeFileSync(file, 'precious');
    expect((await kprErrorOf(() => write(file, documents, []))).message).toMatch(/is there already$/);
    expect(readFileSync(file, 'utf8')).toBe('precious');
    await write(file, documents, [], { overwrite: true });
    expect((await collect(await openArchive(file))).documents).toEqual(documents);
  });

  it('is not written over when it appears while it is collected', async () => {
    const file = newFile();
    const writer = new CaptureWriter(file, options);
    await writer.documents(documents);
    writeFileSync(file, 'precious');
    expect((await kprErrorOf(() => writer.finish())).message).toMatch(/is there already$/);
    expect(readFileSync(file, 'utf8')).toBe('precious');
    expect(readdirSync(join(file, '..'))).toEqual(['x.kpr']);
  });

  it('says which folder is missing, and that a folder is no file', async () => {
    const folder = temporaryFolder();
    expect((await kprErrorOf(() => write(join(folder, 'none/x.kpr'), documents, []))).message).toMatch(
      /folder of .* does not exist/,
    );
    mkdirSync(join(folder, 'x.kpr'));
    expect((await kprErrorOf(() => write(join(folder, 'x.kpr'), documents, [], { overwrite: true }))).message).toMatch(
      /is no regular file, so no capture/,
    );
    expect(existsSync(join(folder, 'x.kpr'))).toBe(true);
    expect(readdirSync(folder)).toEqual(['x.kpr']);
  });

  it('holds no credentials', async () => {
    const file = newFile();
    const secret = 'hunter2-0123456789';
    await write(
      file,
      {
        ...documents,
        systemPods: {
          value: [
            {
              metadata: { name: 'p', annotations: { 'k3s.io/node-args': `["server","--token","${secret}"]` } },
              spec: {
                containers: [
                  {
                    name: 'c',
                    args: ['--token', secret, `--password=${secret}`],
                    env: [{ name: 'KEY', value: secret }],
                  },
                ],
              },
            },
          ],
          source: `kubectl --token=${secret} get pods`,
        },
        kubeProxyConfig: {
          value: { data: { 'kubeconfig.conf': `users:\n- user:\n    token: ${secret}\n` } },
          source: 's',
        },
        clusterInfo: { value: { data: { 'jws-kubeconfig-abcdef': secret } }, source: 's' },
      },
      [
        {
          name: 'n1',
          answers: {
            kernel: {
              text: '6.18',
              stderr: `--token=${secret}`,
              exitCode: 0,
              command: `kubectl --token=${secret} exec`,
            },
          },
        },
      ],
      {
        origin: {
          kind: 'live',
          context: 'c',
          server: `https://admin:${secret}@10.0.0.1`,
          kubectl: `kubectl --token=${secret}`,
        },
      },
    );
    const content = gunzipSync(readFileSync(file)).toString('utf8');
    expect(content).not.toContain(secret);
    expect(content).toContain('https://10.0.0.1');
    expect(content).toContain('--password=<redacted>');
  });
});

describe('a capture that is not whole', () => {
  it('is refused wherever it was cut, also between two of its pieces', async () => {
    const bytes = await whole();
    const ends = [...bytes.keys()].filter(
      (at) => at > 0 && bytes[at] === 0x1f && bytes[at + 1] === 0x8b && bytes[at + 2] === 8,
    );
    expect(ends.length).toBeGreaterThanOrEqual(4);
    // The last piece is the end of the tar alone: without it nothing is lost.
    for (const cut of [...ends.slice(0, -1), 30, bytes.length >> 1]) {
      expect((await kprErrorOf(() => reading(bytes.subarray(0, cut)))).message).toMatch(/damaged or incomplete/);
    }
  });

  it('is refused when its files are in another order or missing', async () => {
    const node = {
      name: 'n1',
      answers: {
        kernel: { file: 'nodes/n1/kernel.txt', command: 'c', exitCode: 0, stderr: '' },
        fromTheFuture: { file: 'x', command: 'c', exitCode: 0, stderr: '' },
      },
    };
    const version = { name: 'cluster/version.json', content: '{}' };
    const kernel = { name: 'nodes/n1/kernel.txt', content: '6.18' };
    const built = async (...files: { name: string; content: string }[]): Promise<Buffer> =>
      gzipSync(await buildTar([{ name: './manifest.json', content: manifest([node]) }, ...files]));
    expect(await reading(await built(version, kernel))).toMatchObject({
      nodes: [{ name: 'n1', answers: { kernel: { text: '6.18' } } }],
    });
    expect((await kprErrorOf(async () => reading(await built(kernel, version)))).message).toMatch(
      /stands before the documents/,
    );
    expect((await kprErrorOf(async () => reading(await built(version)))).message).toMatch(
      /ends before nodes\/n1\/kernel\.txt/,
    );
    expect((await kprErrorOf(async () => reading(await built(kernel)))).message).toMatch(/damaged/);
  });
});

it('gives each node a folder of its own that every file system takes', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'binary', maxLength: 300 })), (names) => {
      const folders = names.map(nodeDirectory);
      expect(new Set(folders.map((folder) => folder.toLowerCase())).size).toBe(names.length);
      for (const folder of folders) expect(folder).toMatch(/^[a-z0-9_-][a-z0-9._-]{0,140}$/);
    }),
  );
  expect(nodeDirectory('ip-10-0-0-1.eu-central-1.compute.internal')).toBe('ip-10-0-0-1.eu-central-1.compute.internal');
});

describe('what is there and is no regular file', () => {
  it.each<[what: string, put: (path: string, target: string) => void]>([
    ['a link', (path, target) => symlinkSync(target, path)],
    ['a link to nothing', (path, target) => symlinkSync(`${target}-gone`, path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
    ['a folder', (path) => mkdirSync(path)],
  ])('is neither replaced nor followed: %s', async (_, put) => {
    const folder = temporaryFolder();
    const [path, target] = [join(folder, 'x.kpr'), join(folder, 'target')];
    writeFileSync(target, 'as it was');
    put(path, target);
    const before = lstatSync(path);
    const { message } = await kprErrorOf(() => write(path, documents, [], { overwrite: true }));
    expect(message).toMatch(/is (a link|no regular file), so no capture is put in its place/);
    expect([lstatSync(path).ino, lstatSync(path).mode]).toEqual([before.ino, before.mode]);
    expect(readFileSync(target, 'utf8')).toBe('as it was');
    expect(readdirSync(folder).sort()).toEqual(['target', 'x.kpr']);
  });

  it('and came while the capture was taken is left alone, too', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'x.kpr');
    const writer = new CaptureWriter(path, { ...options, overwrite: true });
    await writer.documents(documents);
    symlinkSync(join(folder, 'target'), path);
    expect((await kprErrorOf(() => writer.finish())).message).toContain('is a link');
    expect(readdirSync(folder)).toEqual(['x.kpr']);
  });
});
