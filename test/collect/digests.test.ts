import { describe, expect, test } from 'vitest';
import type { CollectPlan } from '../../src/collect/RawSource.ts';
import { LiveSource } from '../../src/collect/LiveSource.ts';
import { isKnown } from '../../src/model/Fact.ts';
import { SnapshotBuilder } from '../../src/parse/SnapshotBuilder.ts';
import { aPlan } from '../support/aPlan.ts';
import { type Exec, exited, FakePort, healthyPaths, printedBy, sectionsOf } from '../support/FakePort.ts';
import { printMapDump } from '../support/mapDump.ts';
import { reportOn } from '../support/reportOn.ts';
import { sayDigest } from '../support/sayDigest.ts';

const names = Array.from({ length: 14 }, (_, at) => `n${at + 1}`);
const dump = printMapDump({
  rows: Array.from({ length: 40 }, (_, i) => ({
    address: `10.97.0.${i}`,
    port: 80,
    id: i + 1,
    flags: 0,
    slots: [i + 1],
  })),
  backends: Array.from({ length: 40 }, (_, i) => ({ id: i + 1, address: `10.128.0.${i}`, port: 8080 })),
});

/** The words that a script hands to lbDigest.pl; undefined: it wants tables whole. */
const digestWords = (stdin: Uint8Array | undefined): readonly string[] | undefined =>
  /^lbDumpWords=\([^]*? (kpr-[0-9a-f]+) ([0-9a-f]*|'')\)$/m.exec(Buffer.from(stdin ?? '').toString())?.slice(1);

/** Nodes that hold the dump, and say it as they are asked. */
const nodes =
  (change: (said: string, words: readonly string[]) => string = (said) => said): Exec =>
  (_, command, { stdin }) => {
    const words = digestWords(stdin)?.map((word) => word.replaceAll("'", ''));
    const text = words === undefined ? dump : change(sayDigest(dump, words), words);
    return exited(printedBy(command, { lbDump: { text } }));
  };

async function read(
  exec: Exec,
  plan: Partial<CollectPlan> = {},
  nodeNames: readonly string[] = names,
  changes: Readonly<Record<string, unknown>> = {},
) {
  const port = new FakePort(healthyPaths(nodeNames, changes), exec);
  const source = new LiveSource(port, '2026-11-21T10:00:00Z');
  const { origin, takenAt, digests } = source;
  const builder = new SnapshotBuilder({
    origin,
    takenAt,
    digests,
    selectedNodes: undefined,
    ciliumNamespace: undefined,
  });
  const answers = new Set([...aPlan().answers].filter((name) => name !== 'reachProbe'));
  await source.read(aPlan({ answers, ...plan }), builder, {
    nodes: () => {},
    nodeStarted: () => {},
    nodeDone: () => {},
  });
  const snapshot = builder.build();
  const tables = snapshot.nodes.map(({ facts }) => facts.lbTable);
  return { port, snapshot, sizes: tables.map((table) => (isKnown(table) ? table.value.frontends.size : table)) };
}

const withoutPerl: Exec = (_, command) => exited(printedBy(command, { lbDump: { text: dump } }));
const all = names.map(() => 40);

describe('many nodes', () => {
  test('say in little what those before them have said', async () => {
    const { port, sizes } = await read(nodes());
    expect(sizes).toEqual(all);
    expect(port.execs).toHaveLength(names.length);
    const words = port.execs.map(({ options }) => digestWords(options.stdin));
    expect(words.filter((one) => one?.[1]?.length === 256 * 8)).toHaveLength(names.length - 1);
    expect(new Set(words.map((one) => one?.[0])).size).toBe(names.length);
  });

  test('are asked for all that they hold where perl is missing, the answer is to be kept, or nodes are few', async () => {
    expect((await read(withoutPerl)).sizes).toEqual(all);
    const kept = await read(nodes(), { wholeTables: true });
    expect(kept.port.execs.map(({ options }) => digestWords(options.stdin))).toEqual(names.map(() => undefined));
    const few = await read(nodes(), {}, names.slice(0, 12));
    expect(few.port.execs.some(({ options }) => digestWords(options.stdin) !== undefined)).toBe(false);
    expect(few.sizes).toHaveLength(12);
  });

  // Behind a page of one: [nodes, Services that are left, whether what is said travels in little].
  test.each([
    [5, 4_500, true],
    [5, 3_500, false],
    [2, 50_000, false],
    [5, 'many', false],
    [5, undefined, false],
  ])('%d nodes with %j more Services', async (count, remainingItemCount, isInLittle) => {
    const page = {
      kind: 'ServiceList',
      metadata: { continue: 'x', remainingItemCount },
      items: [{ metadata: { name: 'a' } }],
    };
    const { port, sizes } = await read(nodes(), {}, names.slice(0, count), { '/api/v1/services?limit=1': page });
    expect(port.execs.some(({ options }) => digestWords(options.stdin) !== undefined)).toBe(isInLittle);
    expect(sizes).toEqual(all.slice(0, count));
  });

  test('are asked again, for all, where what one says does not fit, and that is told', async () => {
    let times = 0;
    const replayed = sayDigest(dump, ['another', '']);
    const exec = nodes((said) => (++times === 7 ? replayed : said));
    const { port, sizes, snapshot } = await read(exec);
    expect(sizes).toEqual(all);
    expect(port.execs).toHaveLength(names.length + 1);
    expect(sectionsOf(port.execs.at(-1)?.command ?? [])).not.toContain('status');
    const told = reportOn(snapshot).findings.filter(({ code }) => code === 'KPR9003');
    expect(
      told.filter(({ message }) => /in little contradicts itself \(its digest is not that of its rows\)/.test(message)),
    ).toHaveLength(1);
  });

  test('whose first ones say nothing are asked all the same', async () => {
    let times = 0;
    const exec: Exec = (target, command, options) =>
      ++times < 3 ? { stdout: '', stderr: '', end: 'unreachable', message: 'gone' } : nodes()(target, command, options);
    const { sizes } = await read(exec);
    expect(sizes.filter((one) => one === 40)).toHaveLength(names.length - 2);
  });
});
