import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { ByteBudget } from '../../../src/collect/archive/ByteBudget.ts';
import { archiveLimits } from '../../../src/collect/archive/limits.ts';
import { openArchive } from '../../../src/collect/archive/openArchive.ts';
import { readTar } from '../../../src/collect/archive/readTar.ts';
import { KprError } from '../../../src/core/KprError.ts';
import { answerNames, documentNames } from '../../../src/model/raw.ts';
import { buildTar, type TarInput } from '../../collect/archive/buildTar.ts';
import { buildZip } from '../../collect/archive/buildZip.ts';
import { Mutator } from './Mutator.ts';

export interface FuzzedArchives {
  readonly archives: number;
  /** Those of which something was read, and those that were refused with a sentence. */
  readonly read: number;
  readonly refused: number;
  /** What must not be, with the number of the input: the first fifty. */
  readonly complaints: readonly string[];
  readonly slowest: { readonly ms: number; readonly what: string };
}

interface Member extends TarInput {
  readonly content: Buffer;
}

/** Stands in a file outside of every archive, to which links point. */
const canary = 'canary-outside-of-the-archive';
const maxMs = 5000;
/** A reading that does not end is one that waits for something, not one that works. */
const hangsAfterMs = 60_000;

/**
 * Captures, sysdumps and what lies in them, with members, their names, kinds, sizes and bytes changed at random,
 * through all that reads archives. Complains of what must not be: an error without a sentence, something of a file
 * outside, a reading that takes long or does not end.
 */
export async function fuzzArchives(archives: number, seed: number): Promise<FuzzedArchives> {
  const folder = mkdtempSync(join(tmpdir(), 'kpr-fuzz-'));
  const outside = join(folder, 'outside');
  writeFileSync(outside, canary);
  const bases = [await captureMembers(), sysdumpMembers(), await nestedMembers()];
  const complaints: string[] = [];
  const counts = { read: 0, refused: 0 };
  let slowest = { ms: 0, what: '' };
  try {
    for (let input = 0; input < archives; input++) {
      const mutator = new Mutator(seed + input);
      const { what, bytes } = await archiveOf(mutator.pick(bases), outside, mutator);
      const file = join(folder, 'archive');
      writeFileSync(file, bytes);
      const start = process.cpuUsage();
      const outcome = await Promise.race([outcomeOf(file), sleep(hangsAfterMs, 'does not end', { ref: false })]);
      const { user, system } = process.cpuUsage(start);
      const ms = Math.round((user + system) / 1000);
      if (ms > slowest.ms) slowest = { ms, what: `input ${seed + input} (${what})` };
      if (outcome === 'read' || outcome === 'refused') counts[outcome] += 1;
      const wrong = outcome === 'read' || outcome === 'refused' ? undefined : outcome;
      const complaint = wrong ?? (ms > maxMs ? `it took ${ms} ms` : undefined);
      if (complaint !== undefined && complaints.length < 50)
        complaints.push(`input ${seed + input} (${what}): ${complaint}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { archives, ...counts, complaints, slowest };
}

async function outcomeOf(file: string): Promise<string> {
  try {
    const said = JSON.stringify(await readAll(file));
    return said.includes(canary) ? 'a file outside was read' : 'read';
  } catch (error) {
    if (error instanceof KprError) return error.message.includes(canary) ? 'a file outside is told of' : 'refused';
    return `no sentence: ${error instanceof Error ? error.stack : String(error)}`;
  }
}

async function readAll(file: string): Promise<readonly unknown[]> {
  const source = await openArchive(file);
  const given: unknown[] = [];
  const keep = (one: unknown): void => void given.push(one);
  const plan = {
    documents: new Set(documentNames),
    answers: new Set(answerNames),
    nodes: undefined,
    ciliumNamespace: undefined,
    nodeTimeoutMs: 1000,
    runTimeoutMs: 1000,
    concurrency: 1,
  };
  try {
    await source.read(plan, { documents: keep, node: keep }, { nodes() {}, nodeStarted() {}, nodeDone() {} });
  } finally {
    await source.close();
  }
  return given;
}

const fixtures = join(import.meta.dirname, '../../fixtures');
const stamp = '20261121-101900';
const inBugtool = 'cilium-bugtool-cilium-86l67-';

async function captureMembers(): Promise<Member[]> {
  const file = join(fixtures, 'recordings/healthy-1.20.kpr');
  const members: Member[] = [];
  for await (const entry of readTar({ file, gzip: true }, new ByteBudget(file, archiveLimits)))
    members.push({ name: entry.name, content: await entry.read() });
  return members;
}

function membersOf(folder: string, prefix: string): Member[] {
  const path = join(fixtures, 'archive', folder);
  return readdirSync(path).map((name) => ({ name: prefix + name, content: readFileSync(join(path, name)) }));
}

const sysdumpMembers = (): Member[] => [
  ...membersOf('sysdump', `cilium-sysdump-${stamp}/`),
  ...membersOf('bugtool', `cilium-sysdump-${stamp}/${inBugtool}${stamp}/cmd/`),
];

/** As before cilium-cli unpacked what agents pack. */
async function nestedMembers(): Promise<Member[]> {
  const inner = gzipSync(await buildTar(membersOf('bugtool', `${inBugtool}${stamp}/cmd/`)));
  const name = `cilium-sysdump-${stamp}/${inBugtool}${stamp}.tar.gz`;
  return [...membersOf('sysdump', `cilium-sysdump-${stamp}/`), { name, content: inner }];
}

async function archiveOf(base: readonly Member[], outside: string, mutator: Mutator) {
  const members = mutator.random() < 0.7 ? withHostileMembers(base, outside, mutator) : base;
  const kind = mutator.pick(['tar', 'tar.gz', 'tar.gz', 'zip', 'zip'] as const);
  const packed = kind === 'zip' ? zipOf(members) : await buildTar(members);
  const harmed = mutator.random() < 0.6 ? harm(packed, mutator) : packed;
  if (kind !== 'tar.gz') return { what: kind, bytes: harmed };
  const zipped = gzipSync(harmed, { level: 1 });
  return { what: kind, bytes: mutator.random() < 0.2 ? harm(zipped, mutator) : zipped };
}

const zipOf = (members: readonly Member[]): Buffer =>
  buildZip(
    members.map(({ name, content, type, linkname = '' }) =>
      type === 'symlink' ? { name, content: linkname, mode: 0o120777 } : { name, content },
    ),
  );

const names = [
  '../outside',
  'a/../../outside',
  '/outside',
  'C:\\outside',
  '..\\outside',
  '.',
  '',
  'a/',
  '\u001b[2J',
  'a\u0000b',
  '\u202ea',
  '-rf',
  '$(touch x)',
  '__proto__',
  'manifest.json',
  'a/'.repeat(3000),
  'é'.repeat(300),
] as const;

function withHostileMembers(base: readonly Member[], outside: string, mutator: Mutator): readonly Member[] {
  const members = [...base];
  for (let times = 1 + mutator.below(3); times > 0; times--) {
    const at = mutator.below(members.length);
    const old = members[at] ?? { name: 'a', content: Buffer.alloc(0) };
    const made = hostileMember(old, mutator.pick(members), outside, mutator);
    // In its place, or beside it under the same name.
    members.splice(at, mutator.random() < 0.8 ? 1 : 0, ...made);
  }
  return members;
}

function hostileMember(old: Member, other: Member, outside: string, mutator: Mutator): readonly Member[] {
  const { name, content } = old;
  return mutator.pick<() => readonly Member[]>([
    () => [],
    () => [old, old],
    () => [{ name: mutator.pick(names), content }],
    () => [{ name: name + mutator.pick(names), content }],
    () => [{ name, content: Buffer.alloc(0), type: 'symlink', linkname: mutator.pick([outside, '../outside', name]) }],
    () => [{ name, content: Buffer.alloc(0), type: 'link', linkname: outside }],
    () => [{ name, content: Buffer.alloc(0), type: mutator.pick(['directory', 'fifo'] as const) }],
    () => [{ name, content: other.content }],
    () => [{ name, content: gzipSync(content) }],
    () => [{ name, content: Buffer.alloc(mutator.pick([0, 1, 512, 1 << 20]), mutator.below(256)) }],
    () => [{ name, content: harm(content, mutator) }],
    () => [{ name, content: Buffer.from(mutator.text(content.toString('utf8'))) }],
  ])();
}

const blockBytes = 512;

/** Cut, bits turned, pieces doubled or taken out, fields that lie about sizes. */
function harm(whole: Buffer, mutator: Mutator): Buffer {
  const bytes = Buffer.from(whole);
  if (bytes.length === 0) return bytes;
  const at = mutator.below(bytes.length);
  const block = at - (at % blockBytes);
  return mutator.pick<() => Buffer>([
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes, bytes.subarray(at)]),
    () => Buffer.concat([bytes.subarray(0, block), bytes.subarray(block + blockBytes)]),
    () => Buffer.concat([bytes.subarray(0, block), Buffer.alloc(blockBytes), bytes.subarray(block)]),
    () => turnBits(bytes, 1 + mutator.below(20), mutator),
    () => lieOfSize(bytes, mutator),
    () => lieInDirectory(bytes, mutator),
  ])();
}

function turnBits(bytes: Buffer, times: number, mutator: Mutator): Buffer {
  for (let i = 0; i < times; i++) {
    const at = mutator.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << mutator.below(8));
  }
  return bytes;
}

const sizes = [
  '00000000000',
  '77777777777',
  '00000000001',
  '-0000000001',
  '\u0080\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff',
];

/** A header of a tar with another size or kind, and the checksum that goes with it. */
function lieOfSize(bytes: Buffer, mutator: Mutator): Buffer {
  const headers: number[] = [];
  for (let at = 0; at + blockBytes <= bytes.length; at += blockBytes)
    if (bytes.toString('latin1', at + 257, at + 262) === 'ustar') headers.push(at);
  const at = headers[mutator.below(headers.length)];
  if (at === undefined) return turnBits(bytes, 1, mutator);
  const header = bytes.subarray(at, at + blockBytes);
  if (mutator.random() < 0.7) header.write(mutator.pick(sizes), 124, 'latin1');
  else header.write(mutator.pick(['0', '1', '2', '5', 'x', 'g', 'L', 'K', 'S', 'Z']), 156, 'latin1');
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

/** A field of a zip's table of contents, or of its end, with another number. */
function lieInDirectory(bytes: Buffer, mutator: Mutator): Buffer {
  const from = bytes.indexOf('PK\u0001\u0002', mutator.below(bytes.length), 'latin1');
  const at = (from === -1 ? bytes.lastIndexOf('PK') : from) + 4 + mutator.below(40);
  if (at < 4 || at + 4 > bytes.length) return turnBits(bytes, 1, mutator);
  bytes.writeUInt32LE(mutator.pick([0, 1, 0x7f_ff_ff_ff, 0xff_ff_ff_ff, mutator.below(2 ** 32)]), at);
  return bytes;
}
