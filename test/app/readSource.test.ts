import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import type { Progress } from '../../src/terminal/createProgress.ts';
import { readSource } from '../../src/app/readSource.ts';
import { TimeIsUp } from '../../src/collect/runEnd.ts';
import type { CollectPlan, RawSource } from '../../src/collect/RawSource.ts';
import type { Origin } from '../../src/model/raw.ts';
import { Guard } from '../../src/terminal/Guard.ts';
import { KprError } from '../../src/core/KprError.ts';
import { fakeIo } from '../support/fakeIo.ts';
import { noDocuments, type Read } from '../support/fakeLoaders.ts';

const graceMs = 30;
const plan = (runTimeoutMs: number): CollectPlan => ({
  documents: new Set(),
  answers: new Set(),
  nodes: undefined,
  ciliumNamespace: undefined,
  nodeTimeoutMs: 1000,
  runTimeoutMs,
  concurrency: 1,
});

/** How a sink takes nodes. */
interface Taking {
  readonly ms: number;
  readonly wholeTables: boolean;
}

const never = new Promise<void>(() => {});
const silent: Progress = {
  nodes: () => {},
  listed: () => {},
  nodeStarted: () => {},
  nodeDone: () => {},
  probing: () => {},
  say: () => {},
  stop: () => {},
};
const untilAborted = ({ signal }: CollectPlan): Promise<void> =>
  new Promise((resolve) => {
    signal?.addEventListener('abort', () => resolve());
  });

function setUp(read: Read, runTimeoutMs = 10_000, taking?: Taking, growsWithNodes = false) {
  const io = fakeIo();
  const arrived: string[] = [];
  const said: string[] = [];
  let stops = 0;
  const progress: Progress = {
    ...silent,
    probing: (all, most) => void said.push(`probing ${all} ${most}`),
    say: (text) => void said.push(text),
    stop: () => {
      stops += 1;
    },
  };
  const source: RawSource = { origin: { kind: 'sysdump', file: 'x' }, takenAt: '', read, close: async () => {} };
  const sink = {
    documents: () => void arrived.push('documents'),
    node: async ({ name }: { name: string }) => {
      if (taking !== undefined) await delay(taking.ms);
      arrived.push(name);
    },
  };
  const wanted = { ...plan(runTimeoutMs), growsWithNodes, wholeTables: taking?.wholeTables === true };
  const reading = readSource(source, wanted, sink, progress, { io, graceMs });
  return { io, arrived, said, reading, stops: () => stops };
}

describe('reading comes back, whatever the source does', () => {
  test('at the end', async () => {
    const { reading, arrived, io } = setUp(async (_, sink) => {
      await sink.documents(noDocuments);
      await sink.node({ name: 'n1', answers: {} });
    });
    expect(await reading).toMatchObject({ interrupted: false, hasDocuments: true });
    expect(arrived).toEqual(['documents', 'n1']);
    expect(io.left.behind).toBe(false);
  });

  test('when its time went by in one go, and Node has nothing to warn of', async () => {
    const warnings: string[] = [];
    const hear = ({ name }: Error): unknown => warnings.push(name);
    process.on('warning', hear);
    const { reading, arrived } = setUp(async (_, sink) => {
      await sink.documents(noDocuments);
      const until = performance.now() + 100;
      while (performance.now() < until);
      await sink.node({ name: 'n1', answers: {} });
    }, 20);
    await reading;
    await delay(1);
    process.off('warning', hear);
    expect(arrived).toEqual(['documents', 'n1']);
    expect(warnings).toEqual([]);
  });

  test('at the end of a file, however long that takes, where nobody has set a time', async () => {
    const ofFile = setUp(
      async (_, sink, progress) => {
        await sink.documents(noDocuments);
        progress.nodes(2);
        await delay(50);
        await sink.node({ name: 'n1', answers: {} });
      },
      20,
      undefined,
      true,
    );
    expect((await ofFile.reading).deadline).toBe(Infinity);
    expect(ofFile.arrived).toEqual(['documents', 'n1']);
  });

  test('and what the source tells of its probes is passed on', async () => {
    const { reading, said } = setUp(async (_, sink, progress) => {
      await sink.documents(noDocuments);
      progress.probing?.(33, 11);
    });
    await reading;
    expect(said).toEqual(['probing 33 11']);
  });

  test('after Ctrl-C, which reaches the source as a signal', async () => {
    const { reading, io, said } = setUp(async (plan, sink) => {
      await sink.documents(noDocuments);
      await untilAborted(plan);
      await sink.node({ name: 'n1', answers: {} });
    });
    setTimeout(() => io.interrupt(), 10);
    expect(await reading).toMatchObject({ interrupted: true, hasDocuments: true });
    expect(said).toHaveLength(1);
    expect(io.left.behind).toBe(false);
  });

  test.each([
    ['after Ctrl-C', 10_000],
    ['when the time is up', 100],
  ])('%s, with all that had answered by then, and is still coming in', async (_, runTimeoutMs) => {
    const { reading, io, arrived } = setUp(async (plan, sink) => {
      await sink.documents(noDocuments);
      await untilAborted(plan);
      expect(plan.signal?.reason instanceof TimeIsUp).toBe(runTimeoutMs === 100);
      for (let at = 0; at < 10; at++) {
        await delay(graceMs / 2);
        await sink.node({ name: `n${at}`, answers: {} });
      }
    }, runTimeoutMs);
    if (runTimeoutMs > 100) setTimeout(() => io.interrupt(), 10);
    await reading;
    expect(arrived).toHaveLength(11);
  });

  test('after Ctrl-C, when the source throws for it', async () => {
    const { reading, io } = setUp(async (plan) => {
      await untilAborted(plan);
      throw new Error('aborted');
    });
    setTimeout(() => io.interrupt(), 10);
    expect(await reading).toMatchObject({ interrupted: true, hasDocuments: false });
  });

  test('after Ctrl-C, when the source does not hear it; late answers reach nobody', async () => {
    let late: (() => unknown) | undefined;
    const { reading, io, arrived } = setUp(async (_, sink) => {
      await sink.documents(noDocuments);
      late = () => sink.node({ name: 'n1', answers: {} });
      await never;
    });
    setTimeout(() => io.interrupt(), 10);
    expect(await reading).toMatchObject({ interrupted: true, hasDocuments: true });
    expect(io.left.behind).toBe(true);
    await late?.();
    expect(arrived).toEqual(['documents']);
  });

  test('a second Ctrl-C ends the process at once, the spinner taken away', async () => {
    const { reading, io, stops } = setUp(() => never);
    setTimeout(() => io.interrupt(), 5);
    setTimeout(() => io.interrupt(), 10);
    await reading;
    expect(io.exits).toEqual([130]);
    expect(stops()).toBe(1);
  });

  test('when the time is up, with what is known', async () => {
    const { reading, io } = setUp(async (_, sink) => {
      await sink.documents(noDocuments);
      await never;
    }, 20);
    expect(await reading).toMatchObject({ interrupted: false, hasDocuments: true });
    expect(io.left.behind).toBe(true);
  });

  test('when the time is up and nothing is known, with an error', async () => {
    const { reading } = setUp(untilAborted, 20);
    await expect(reading).rejects.toThrow(/^Nothing was answered within 20 ms$/);
  });

  test('with the failure of the source', async () => {
    const failure = new KprError('refused', 'ask');
    const { reading, io } = setUp(async () => {
      throw failure;
    });
    await expect(reading).rejects.toBe(failure);
    // Nothing listens for Ctrl-C any more.
    io.interrupt();
    io.interrupt();
    expect(io.exits).toEqual([]);
  });

  test.each([
    ['half of the time is left to judging what came', false, false],
    ['none is where nothing is judged: a capture is written meanwhile', true, true],
  ])('where a sink takes long, %s', async (_, wholeTables, comes) => {
    const nodes = Array.from({ length: 20 }, (__, at) => ({ name: `n${at}`, answers: {} }));
    const { reading, arrived } = setUp(
      async (__, sink) => {
        await sink.documents(noDocuments);
        await Promise.all(nodes.map(async (node) => sink.node(node)));
        await delay(1300);
        await sink.node({ name: 'last', answers: {} });
      },
      2000,
      { ms: 100, wholeTables },
    );
    await reading;
    expect(arrived.includes('last')).toBe(comes);
  });
});

const allowedFor = async (origin: Origin, total: number): Promise<number> => {
  const guard = new Guard(
    '',
    () => 0,
    () => false,
  );
  const allowMore = vi.spyOn(guard, 'allowMore');
  const read: Read = async (_, sink, progress) => {
    await sink.documents(noDocuments);
    progress.nodes(total);
  };
  const source: RawSource = { origin, takenAt: '', read, close: async () => {} };
  const sink = { documents: () => {}, node: () => {} };
  await readSource(source, plan(1000), sink, silent, { io: { ...fakeIo(), guard } });
  return allowMore.mock.calls.reduce((sum, [bytes]) => sum + bytes, 0) / 1024 / 1024;
};

test('of a live cluster a dozen nodes may say some 20 MB each at once, of an archive nobody says anything at once', async () => {
  const live: Origin = { kind: 'live', context: '', server: '', kubectl: '' };
  expect(await allowedFor(live, 12)).toBe(432);
  expect(await allowedFor(live, 1000)).toBe(432);
  expect(await allowedFor({ kind: 'sysdump', file: 'x' }, 1000)).toBe(192);
});

test('who is interrupted while a large file is read has time to judge what came', async () => {
  const io = fakeIo();
  const guard = new Guard(
    '',
    () => 0,
    () => false,
  );
  const interrupted = vi.spyOn(guard, 'interrupted').mockReturnValue();
  const read: Read = async (wanted, sink, progress) => {
    await sink.documents(noDocuments);
    progress.nodes(300);
    io.interrupt();
    await untilAborted(wanted);
  };
  const source: RawSource = { origin: { kind: 'sysdump', file: 'x' }, takenAt: '', read, close: async () => {} };
  await readSource(source, plan(1000), { documents: () => {}, node: () => {} }, silent, {
    io: { ...io, guard },
    graceMs,
  });
  expect(interrupted).toHaveBeenCalledWith(7300);
});
