import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openArchive } from '../../src/collect/archive/openArchive.ts';
import type { RawDocuments, RawNode } from '../../src/model/raw.ts';
import { KnownRows } from '../../src/parse/digest/KnownRows.ts';
import { SnapshotBuilder } from '../../src/parse/SnapshotBuilder.ts';
import { recordings } from '../cluster/recordings.ts';
import { aPlan } from '../support/aPlan.ts';
import { withAnswer } from '../support/editedCapture.ts';
import { captureOf, reportOf } from '../support/readRecording.ts';
import { sayDigest, sha256 } from '../support/sayDigest.ts';
import { sayRules } from '../support/sayRules.ts';
import { ClusterShape } from '../simulate/ClusterShape.ts';
import { ProxyRules } from '../simulate/ProxyRules.ts';
import { ruleDumpNames } from '../../src/parse/rules/ruleDumps.ts';

interface Recorded {
  readonly documents: RawDocuments;
  readonly nodes: readonly RawNode[];
  readonly takenAt: string;
}

const root = join(import.meta.dirname, '..', '..');

async function readAll(file: string): Promise<Recorded> {
  const source = await openArchive(join(root, file));
  const { promise, resolve } = Promise.withResolvers<RawDocuments>();
  const nodes: RawNode[] = [];
  await source.read(
    aPlan({}, true),
    { documents: resolve, node: (node) => void nodes.push(node) },
    { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} },
  );
  await source.close();
  return { documents: await promise, nodes, takenAt: source.takenAt };
}

const origin = { kind: 'capture', file: 'recorded.kpr', context: 'c', server: 'https://172.30.0.1:6443' } as const;

/**
 * What is said of a cluster; `inLittle`: each node’s maps as lbDigest.pl tells them to who knows those of the
 * nodes before.
 */
function reportsOn({ documents, nodes, takenAt }: Recorded, inLittle: boolean) {
  const digests = new KnownRows(sha256);
  const options = { origin, takenAt, selectedNodes: undefined, ciliumNamespace: undefined, digests };
  const builder = new SnapshotBuilder(options);
  builder.documents(documents);
  let said = 0;
  for (const [at, node] of nodes.entries()) {
    const dump = node.answers.lbDump;
    if (!inLittle || dump === undefined || 'missing' in dump || dump.exitCode !== 0) {
      builder.node(node);
      continue;
    }
    const known = digests.known(`nonce-${at}`);
    const text = sayDigest(dump.text, known.words);
    const read = digests.read(text, known);
    if (text.startsWith('digest ')) {
      if (!read.ok) throw new Error(read.why);
      said += 1;
    }
    builder.node(withAnswer(node, 'lbDump', () => text));
  }
  const snapshot = builder.build();
  return { said, reports: (['doctor', 'verify'] as const).map((phase) => reportOf(snapshot, phase)) };
}

/** The same numbers each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) / 0x100_0000;
  };
}

/** An entry of a map lost, or a byte of it changed. */
function damaged(dump: string, next: () => number): string {
  const entries = [...dump.matchAll(/\{key:([0-9a-f]+)value:([0-9a-f]+)[^}]*\}/g)];
  const entry = entries[Math.floor(next() * entries.length)];
  if (entry === undefined) return dump;
  const [whole, key = '', value = ''] = entry;
  const change = (bytes: string): string => {
    const at = 3 * Math.floor((next() * bytes.length) / 3);
    const byte = Math.floor(next() * 4)
      .toString(16)
      .padStart(3, '0');
    return `${bytes.slice(0, at)}${byte}${bytes.slice(at + 3)}`;
  };
  const kind = next();
  const now =
    kind < 0.3 ? '' : kind < 0.8 ? `{key:${key}value:${change(value)}}` : `{key:${change(key)}value:${value}}`;
  return `${dump.slice(0, entry.index)}${now}${dump.slice(entry.index + whole.length)}`;
}

/** The same of what nodes say of rules, short ones included. */
function reportsOnRules({ documents, nodes, takenAt }: Recorded, inLittle: boolean) {
  const digests = new KnownRows(sha256, undefined, 0);
  const options = { origin, takenAt, selectedNodes: undefined, ciliumNamespace: undefined, digests };
  const builder = new SnapshotBuilder(options);
  builder.documents(documents);
  let said = 0;
  for (const [at, node] of nodes.entries()) {
    const told = digests.rules.known(`nonce-${at}`);
    let now = node;
    for (const name of ruleDumpNames) {
      const dump = node.answers[name];
      const words = told.get(name);
      if (!inLittle || dump === undefined || 'missing' in dump || dump.exitCode !== 0) continue;
      const text = words === undefined ? dump.text : sayRules(dump.text, words);
      const doubt = digests.rules.hear(name, text, `nonce-${at}`);
      if (doubt !== undefined) throw new Error(doubt);
      if (text.startsWith('digest ')) said += 1;
      now = withAnswer(now, name, () => text);
    }
    builder.node(now);
  }
  const snapshot = builder.build();
  return { said, reports: (['doctor', 'verify', 'preflight'] as const).map((phase) => reportOf(snapshot, phase)) };
}

/** A line lost, said twice, in another place, or with other counters. */
function damagedRules(dump: string, next: () => number): string {
  const lines = dump.split('\n');
  for (let times = 0; times < 3; times++) {
    const at = Math.floor(next() * lines.length);
    const line = lines[at] ?? '';
    const kind = next();
    if (kind < 0.25) lines.splice(at, 1);
    else if (kind < 0.5) lines.splice(at, 0, line);
    else if (kind < 0.75) lines[at] = line.replace(/^\[\d+:\d+\]/, `[${Math.floor(next() * 9)}:100]`);
    else lines[at] = line.replace(/\d(?=\/32| -j )/, '7');
  }
  return lines.join('\n');
}

const inRules = (node: RawNode, change: (text: string) => string): RawNode =>
  ruleDumpNames.reduce((now, name) => {
    const dump = now.answers[name];
    return dump === undefined || 'missing' in dump || dump.text === '' ? now : withAnswer(now, name, change);
  }, node);

describe.each(recordings.map(captureOf))('%s', (file) => {
  let recorded: Recorded;
  beforeAll(async () => {
    recorded = await readAll(file);
  });

  test('tables that travel in little tell what whole ones tell', () => {
    const little = reportsOn(recorded, true);
    expect(little.reports).toEqual(reportsOn(recorded, false).reports);
    expect(little.said).toBeGreaterThan(0);
  });

  test('so they do where entries are lost or changed', () => {
    const next = random(file.length);
    for (let times = 0; times < 4; times++) {
      const nodes = recorded.nodes.map((node) =>
        next() < 0.4 ? node : withAnswer(node, 'lbDump', (text) => damaged(text, next)),
      );
      const edited = { ...recorded, nodes };
      expect(reportsOn(edited, true).reports).toEqual(reportsOn(edited, false).reports);
    }
  });

  test('so do rules, as they are, lost or changed', () => {
    const next = random(file.length);
    const little = reportsOnRules(recorded, true);
    expect(little.reports).toEqual(reportsOnRules(recorded, false).reports);
    expect(little.said).toBeGreaterThan(0);
    for (let times = 0; times < 3; times++) {
      const nodes = recorded.nodes.map((node) => inRules(node, (text) => damagedRules(text, next)));
      const edited = { ...recorded, nodes };
      expect(reportsOnRules(edited, true).reports).toEqual(reportsOnRules(edited, false).reports);
    }
  });

  test('so do rules of six hundred Services', () => {
    const shape = new ClusterShape({ nodes: recorded.nodes.length, services: 600, backends: 3, podsPerNode: 30 });
    const nodes = recorded.nodes.map((node, at) => {
      const { iptablesNft: dump } = node.answers;
      const made = shape.nodes[at];
      if (dump === undefined || 'missing' in dump || !dump.text.includes('*nat\n') || made === undefined) return node;
      const text = new ProxyRules(dump.text, shape).whole(made, (own) => own).toString();
      return withAnswer(node, 'iptablesNft', () => text);
    });
    const many = { ...recorded, nodes };
    const little = reportsOnRules(many, true);
    expect(little.reports).toEqual(reportsOnRules(many, false).reports);
    expect(little.said).toBeGreaterThan(0);
  });
});
