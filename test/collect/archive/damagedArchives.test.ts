import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { archiveLimits, type ArchiveLimits } from '../../../src/collect/archive/limits.ts';
import { openArchive } from '../../../src/collect/archive/openArchive.ts';
import { buildTar } from './buildTar.ts';
import { buildZip } from './buildZip.ts';
import {
  collect,
  entriesOf,
  inBugtool,
  kprErrorOf,
  sysdump,
  temporaryFolder,
  timestamp,
  writeTemporary,
} from './support.ts';

const zipped = (): Buffer => buildZip(entriesOf(sysdump()));
const nodesFile = `cilium-sysdump-${timestamp}/k8s-nodes-${timestamp}.yaml`;
const capture = (manifest: object): Promise<Buffer> =>
  buildTar([{ name: 'manifest.json', content: JSON.stringify(manifest) }]);

const readAll = async (file: string, limits: ArchiveLimits = archiveLimits): Promise<unknown> =>
  collect(await openArchive(file, limits));

describe('what can not be read says so in one sentence', () => {
  const cases: readonly [what: string, make: () => string | Promise<string>, says: RegExp][] = [
    ['no such file', () => join(temporaryFolder(), 'none.zip'), /^There is no file .*none\.zip$/],
    ['a path through a file', () => join(writeTemporary('a', 'x'), 'b'), /^There is no file/],
    ['0 bytes', () => writeTemporary('a.zip', ''), /is empty \(0 bytes\)$/],
    ['text', () => writeTemporary('a.zip', 'not an archive at all'), /is no archive$/],
    ['a single byte', () => writeTemporary('a.zip', 'P'), /is no archive$/],
    ['an empty folder', () => temporaryFolder(), /is a folder without a sysdump in it$/],
    [
      'another zip',
      () => writeTemporary('a.zip', buildZip([{ name: 'a.txt', content: 'a' }])),
      /is a zip without a sysdump/,
    ],
    ['a zip without entries', () => writeTemporary('a.zip', buildZip([])), /is a zip without a sysdump/],
    ['xz', () => writeTemporary('a.tar.xz', Buffer.from('fd377a585a000001', 'hex')), /compressed with xz/],
    ['zstd', () => writeTemporary('a.tar.zst', Buffer.from('28b52ffd00000000', 'hex')), /compressed with zstd/],
    ['pgp', () => writeTemporary('a.zip', '-----BEGIN PGP MESSAGE-----\n'), /is encrypted/],
    ['a gzip of something else', () => writeTemporary('a.gz', gzipSync('some log\n'.repeat(200))), /but no tar$/],
    ['a gzip of nothing', () => writeTemporary('a.gz', gzipSync('')), /neither a capture nor a sysdump$/],
    [
      'another tar.gz',
      async () => writeTemporary('a.tgz', gzipSync(await buildTar([{ name: 'a', content: 'a' }]))),
      /neither a capture nor a sysdump$/,
    ],
    [
      'another tar',
      async () => writeTemporary('a.tar', await buildTar([{ name: 'a', content: 'a' }])),
      /is a tar without a sysdump/,
    ],
    [
      'a cut gzip',
      async () => writeTemporary('a.tgz', gzipSync(await buildTar(entriesOf(sysdump()))).subarray(0, 9000)),
      /damaged or incomplete/,
    ],
    [
      'a gzip with a flipped byte',
      async () => {
        const bytes = gzipSync(await buildTar(entriesOf(sysdump())));
        bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 0xff;
        return writeTemporary('a.tgz', bytes);
      },
      /damaged or incomplete/,
    ],
    ['a gzip header alone', () => writeTemporary('a.tgz', gzipSync('x').subarray(0, 10)), /damaged or incomplete/],
    [
      'a zip cut in the middle',
      () => writeTemporary('a.zip', zipped().subarray(0, 20_000)),
      /table of contents, is missing$/,
    ],
    [
      'a zip cut in its central directory',
      () => {
        const bytes = zipped();
        return writeTemporary('a.zip', Buffer.concat([bytes.subarray(0, -900), bytes.subarray(-22)]));
      },
      /damaged or incomplete/,
    ],
    [
      'a damaged central directory',
      () => {
        const bytes = zipped();
        const at = bytes.indexOf('PK\x01\x02', 0, 'latin1');
        bytes.fill(0x41, at + 60, at + 70);
        bytes.fill(0x41, at + 200, at + 204);
        bytes.write('XX', bytes.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1')), 'latin1');
        return writeTemporary('a.zip', bytes);
      },
      /damaged or incomplete/,
    ],
    [
      'an encrypted zip',
      () => writeTemporary('a.zip', buildZip([{ name: nodesFile, content: 'x', encrypted: true }])),
      /is encrypted$/,
    ],
    [
      'a zip with ..',
      () =>
        writeTemporary(
          'a.zip',
          buildZip([
            { name: nodesFile, content: 'x' },
            { name: '../../etc/cron.d/x', content: 'x' },
          ]),
        ),
      /not trusted: its entry \.\.\/\.\.\/etc\/cron\.d\/x has a path that leads out of it$/,
    ],
    [
      'a zip with backslashes and ..',
      () => writeTemporary('a.zip', buildZip([{ name: String.raw`a\..\..\x`, content: 'x' }])),
      /not trusted/,
    ],
    [
      'a zip with an absolute path',
      () => writeTemporary('a.zip', buildZip([{ name: '/etc/passwd', content: 'x' }])),
      /not trusted/,
    ],
    ['a zip with a drive', () => writeTemporary('a.zip', buildZip([{ name: 'C:/x', content: 'x' }])), /not trusted/],
    [
      'a zip with a symbolic link',
      () => writeTemporary('a.zip', buildZip([{ name: nodesFile, content: '/etc/shadow', mode: 0o120777 }])),
      /is a symbolic link$/,
    ],
    [
      'a tar with ..',
      async () => writeTemporary('a.tar', await buildTar([{ name: 'a/../../x', content: 'x' }])),
      /has a path with \.\.$/,
    ],
    [
      'a tar with an absolute path',
      async () => writeTemporary('a.tgz', gzipSync(await buildTar([{ name: '/etc/passwd', content: 'x' }]))),
      /has an absolute path$/,
    ],
    [
      'a tar with a symbolic link',
      async () =>
        writeTemporary(
          'a.tgz',
          gzipSync(await buildTar([{ name: nodesFile, type: 'symlink', linkname: '/etc/shadow' }])),
        ),
      /is a link$/,
    ],
    [
      'a tar with a hard link',
      async () =>
        writeTemporary('a.tgz', gzipSync(await buildTar([{ name: nodesFile, type: 'link', linkname: '/etc/shadow' }]))),
      /is a link$/,
    ],
    [
      'a tar with a pipe',
      async () => writeTemporary('a.tgz', gzipSync(await buildTar([{ name: nodesFile, type: 'fifo' }]))),
      /is a device$/,
    ],
    [
      'a folder whose files are links',
      () => {
        const folder = temporaryFolder();
        writeFileSync(join(folder, 'secret'), 'x');
        symlinkSync(join(folder, 'secret'), join(folder, `k8s-nodes-${timestamp}.yaml`));
        return folder;
      },
      /is a symbolic link$/,
    ],
    [
      'a capture of the future',
      async () =>
        writeTemporary('a.kpr', gzipSync(await capture({ format: 'kubectl-kpr capture', schemaVersion: '2.0' }))),
      /written by a newer kubectl-kpr \(schema 2\.0/,
    ],
    [
      'a capture without a version',
      async () =>
        writeTemporary('a.kpr', gzipSync(await capture({ format: 'kubectl-kpr capture', schemaVersion: 'x' }))),
      /no known schema version/,
    ],
    [
      'a capture whose manifest is not one',
      async () =>
        writeTemporary(
          'a.kpr',
          gzipSync(await capture({ format: 'kubectl-kpr capture', schemaVersion: '1.0', nodes: 1 })),
        ),
      /manifest\.json is not as expected at/,
    ],
  ];

  it.each(cases)('%s', async (_, make, says) => {
    const file = await make();
    const { message, hint } = await kprErrorOf(() => readAll(file));
    expect(message).toMatch(says);
    expect(message).not.toContain('\n');
    expect(hint).not.toBe('');
  });

  it('a newer capture says to upgrade', async () => {
    const file = writeTemporary(
      'a.kpr',
      gzipSync(await capture({ format: 'kubectl-kpr capture', schemaVersion: '3.7' })),
    );
    expect((await kprErrorOf(() => openArchive(file))).hint).toContain('Upgrade kubectl-kpr');
  });

  it('shows no control characters of names', async () => {
    const file = writeTemporary('a.zip', buildZip([{ name: '/\u001b[31mred\u0007', content: 'x' }]));
    expect((await kprErrorOf(() => readAll(file))).message).not.toMatch(/\p{Cc}/u);
  });
});

describe('what would cost too much is not read', () => {
  const small: ArchiveLimits = {
    ...archiveLimits,
    ratioFromBytes: 1024 * 1024,
    maxEntryBytes: 8 * 1024 * 1024,
    maxTotalBytes: 16 * 1024 * 1024,
  };
  const zeros = Buffer.alloc(4 * 1024 * 1024);
  /** Does not compress. */
  const noise = Buffer.from(
    Array.from({ length: 1_500_000 }, (_, i) => (Math.imul(i ^ (i >>> 7), 2_654_435_761) >>> 13) & 0xff),
  );

  const cases: readonly [what: string, make: () => string | Promise<string>, limits: ArchiveLimits, says: RegExp][] = [
    [
      'a zip bomb',
      () => writeTemporary('a.zip', buildZip([{ name: nodesFile, content: zeros }])),
      small,
      /decompression bomb/,
    ],
    [
      'a gzip bomb in a tar',
      async () => writeTemporary('a.tgz', gzipSync(await buildTar([{ name: nodesFile, content: zeros }]))),
      small,
      /decompression bomb/,
    ],
    ['a gzip of zeros', () => writeTemporary('a.tgz', gzipSync(zeros)), small, /decompression bomb/],
    [
      'a bomb in a bugtool archive within',
      async () => {
        const inner = gzipSync(await buildTar([{ name: 'b/cmd/uname--a.md', content: zeros }]));
        return writeTemporary(
          'a.zip',
          buildZip([
            { name: nodesFile, content: 'items: []' },
            { name: `cilium-sysdump-${timestamp}/cilium-bugtool-x-${timestamp}.tar.gz`, content: inner },
          ]),
        );
      },
      small,
      /decompression bomb/,
    ],
    [
      'one large file in a zip',
      () => writeTemporary('a.zip', buildZip([{ name: nodesFile, content: noise }])),
      { ...small, maxEntryBytes: 1_000_000 },
      /its entry .* has 2 MiB \(the limit is 1 MiB\)/,
    ],
    [
      'one large file in a tar',
      async () => writeTemporary('a.tar', await buildTar([{ name: nodesFile, content: noise }])),
      { ...small, maxEntryBytes: 1_000_000 },
      /the limit is 1 MiB/,
    ],
    [
      'too much in all',
      () => writeTemporary('a.zip', zipped()),
      { ...small, maxTotalBytes: 10_000 },
      /holds more than 1 MiB/,
    ],
    [
      'too many entries in a zip',
      () => writeTemporary('a.zip', zipped()),
      { ...small, maxEntries: 10 },
      /more than 10 entries/,
    ],
    [
      'too many entries in a tar',
      async () => writeTemporary('a.tar', await buildTar(entriesOf(sysdump()))),
      { ...small, maxEntries: 10 },
      /more than 10 entries/,
    ],
  ];

  it.each(cases)('%s', async (_, make, limits, says) => {
    const file = await make();
    expect((await kprErrorOf(() => readAll(file, limits))).message).toMatch(says);
  });

  it('passes over what it does not need, however large it is', async () => {
    const file = writeTemporary(
      'a.zip',
      buildZip([...entriesOf(sysdump()), { name: `cilium-sysdump-${timestamp}/logs-x.log`, content: zeros }]),
    );
    await expect(readAll(file, small)).resolves.toBeDefined();
  });

  it('does not walk through folders that hold no sysdump', async () => {
    const folder = temporaryFolder();
    for (let i = 0; i < 30; i++) mkdirSync(join(folder, 'home', `project-${i}`), { recursive: true });
    const { message } = await kprErrorOf(() => readAll(folder, { ...small, maxEntries: 5 }));
    expect(message).toMatch(/folder without a sysdump/);
  });
});

describe('damage of one file is that file’s', () => {
  it('makes its facts unparsed and leaves the others', async () => {
    const broken = new Set([nodesFile, `cilium-sysdump-${timestamp}/${inBugtool('n2', 'uname--a.md')}`]);
    const files = entriesOf(sysdump()).map(({ name, content }) => ({
      name,
      content,
      wrongChecksum: broken.has(name),
    }));
    const { documents, nodes } = await collect(await openArchive(writeTemporary('a.zip', buildZip(files))));
    expect(documents.nodes).toEqual({ missing: 'unparsed', detail: expect.stringContaining('its checksum is wrong') });
    expect(documents.services).toHaveProperty('value');
    const [n1, n2] = nodes;
    expect(n1?.answers.kernel).toHaveProperty('text');
    expect(n2?.answers.kernel).toMatchObject({
      missing: 'unparsed',
      detail: expect.stringContaining('its checksum is wrong'),
    });
    expect(n2?.answers.lbList).toHaveProperty('text');
  });

  it.each([
    ['no YAML', 'items:\n- {{{\n'],
    ['a tag', 'items:\n- !!js/function "x"\n'],
    ['an alias', 'a: &a [1]\nitems:\n- *a\n'],
    ['deep nesting', `items:\n- ${'['.repeat(5000)}\n`],
    ['nothing', ''],
    ['binary', '\u0000\u0001\u0002'],
  ])('%s in place of a document', async (_, text) => {
    const files = sysdump({ [`k8s-nodes-${timestamp}.yaml`]: text });
    const { documents } = await collect(await openArchive(writeTemporary('a.zip', buildZip(entriesOf(files)))));
    expect(documents.nodes).toMatchObject({ missing: 'unparsed', detail: expect.stringContaining('k8s-nodes') });
  });
});
