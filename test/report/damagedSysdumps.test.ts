import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ArchiveFiles } from '../../src/collect/archive/ArchiveFiles.ts';
import { ByteBudget } from '../../src/collect/archive/ByteBudget.ts';
import { findLayout } from '../../src/collect/archive/findLayout.ts';
import { SysdumpSource } from '../../src/collect/archive/SysdumpSource.ts';
import { ZipFiles } from '../../src/collect/archive/ZipFiles.ts';
import { KprError } from '../../src/core/KprError.ts';
import { exitCodes } from '../../src/core/verdict.ts';
import { SnapshotBuilder } from '../../src/parse/SnapshotBuilder.ts';
import { aPlan } from '../support/aPlan.ts';
import { reportOf } from '../support/readRecording.ts';

// As damagedAnswers.test.ts, for what others collect: whichever file of a healthy cluster's sysdump is damaged,
// nothing is found that is not there, and `verify` does not end well.

type Files = ReadonlyMap<string, string>;

async function read(name: string): Promise<Files> {
  const path = join(import.meta.dirname, `../fixtures/recordings/${name}.zip`);
  const zip = await ZipFiles.open(path, new ByteBudget(path));
  const contents = await zip.read(new Set(zip.names));
  await zip.close();
  return new Map([...contents].map(([file, content]) => [file, content.ok ? content.value.toString('utf8') : '']));
}

const filesOf = (files: Files): ArchiveFiles => ({
  names: [...files.keys()],
  read: async (names) =>
    new Map(
      [...names].flatMap((name) => {
        const text = files.get(name);
        return text === undefined ? [] : [[name, { ok: true, value: Buffer.from(text) }] as const];
      }),
    ),
  shown: (name) => `unzip -p x.zip ${name}`,
  close: async () => {},
});

interface Seen {
  readonly exitCode: number;
  readonly findings: readonly string[];
}

async function seen(files: Files, phase: 'doctor' | 'verify'): Promise<Seen> {
  const archive = filesOf(files);
  const layout = findLayout(archive.names);
  if (layout === undefined) throw new Error('no sysdump');
  const source = new SysdumpSource('x.zip', archive, layout, new ByteBudget('x.zip'), '2026-01-01T00:00:00Z');
  const { origin, takenAt } = source;
  const builder = new SnapshotBuilder({ origin, takenAt, selectedNodes: undefined, ciliumNamespace: undefined });
  try {
    await source.read(
      aPlan(),
      { documents: (all) => builder.documents(all), node: (node) => builder.node(node) },
      { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} },
    );
    const { exitCode, findings } = reportOf(builder.build(), phase);
    return { exitCode, findings: findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code) };
  } catch (error) {
    if (error instanceof KprError) return { exitCode: exitCodes.couldNotRun, findings: [] };
    throw error;
  }
}

const half = (text: string): number => Math.floor(text.length / 2);

/** What may happen to a file; undefined: it is gone. `anothers` is the same one of another node. */
const damages: Readonly<Record<string, (text: string, anothers: string | undefined) => string | undefined>> = {
  absent: () => undefined,
  empty: () => '',
  garbage: () => 'xyzzy \u0001\u001b[31m {{{ \u202e 0xff',
  'cut in a line': (text) => text.slice(0, half(text)).trimEnd(),
  'cut between lines': (text) => text.slice(0, text.indexOf('\n', half(text)) + 1),
  anothers: (text, anothers) => anothers ?? text,
};

describe.each(['healthy-1.18', 'healthy-1.19', 'healthy-1.20'])('the sysdump of %s', async (name) => {
  const files = await read(name);
  const [first, second] = new Set([...files.keys()].flatMap((file) => /bugtool-(cilium-\w+)-/.exec(file)?.[1] ?? []));
  if (first === undefined || second === undefined) throw new Error('too few nodes');
  const damaged = [...files.keys()].filter((file) => !file.includes(second));

  test('has no fault', async () => {
    expect(await seen(files, 'doctor')).toEqual({ exitCode: exitCodes.ok, findings: [] });
  });

  test.each(Object.entries(damages))(
    'each file of it in turn: %s',
    async (_, damage) => {
      const wrong: string[] = [];
      for (const file of damaged) {
        const text = damage(files.get(file) ?? '', files.get(file.replaceAll(first, second)));
        const { [file]: __, ...others } = Object.fromEntries(files);
        const left = new Map(Object.entries(text === undefined ? others : { ...others, [file]: text }));
        for (const phase of ['doctor', 'verify'] as const) {
          const { exitCode, findings } = await seen(left, phase);
          const invented = findings.filter((code) => code !== 'KPR9003');
          const isWrong = exitCode === exitCodes.findings || (phase === 'verify' && exitCode === exitCodes.ok);
          if (isWrong || invented.length > 0) wrong.push(`${phase} ${file}: ${exitCode} ${invented.join(' ')}`);
        }
      }
      expect(wrong).toEqual([]);
      // Some thirty files, each judged twice.
    },
    60_000,
  );
});
