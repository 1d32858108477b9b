import { describe, expect, test } from 'vitest';
import type { Progress } from '../../src/terminal/createProgress.ts';
import { recheck } from '../../src/app/recheck.ts';
import type { CollectPlan } from '../../src/collect/RawSource.ts';
import { Derivations } from '../../src/core/Derivations.ts';
import { KprError } from '../../src/core/KprError.ts';
import { tableParity } from '../../src/expect/parity/tableParity.ts';
import { sliceDrift } from '../../src/expect/served/sliceDrift.ts';
import { answersOf } from '../../src/knowledge/nodeCommands.ts';
import type { Origin } from '../../src/model/raw.ts';
import type { LbTable } from '../../src/model/lb/LbTable.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { dump, fixture } from '../checks/kube-proxy/iptablesDumps.ts';
import { aMissing, aSnapshot, type NodeChanges } from '../support/aSnapshot.ts';
import { aPlan } from '../support/aPlan.ts';
import { backend, cart, cartKey, cartSlice, shopFacts, tableWith } from '../support/shopTables.ts';
import { aFrontendKey } from '../support/keys.ts';
import { type FakeIo, fakeIo } from '../support/fakeIo.ts';
import { fakeLoaders, type Read, readAll } from '../support/fakeLoaders.ts';

const right = { lbTable: tableWith({}) };
const wrong = { lbTable: tableWith({ backends: [backend(1), backend(9)] }) };
const failedRow = {
  frontend: aFrontendKey(cartKey),
  type: 'ClusterIP',
  service: 'default/cart',
  status: 'Error',
  forSeconds: 3,
  error: 'no space left on device',
};
const shop = (n2: NodeChanges, n1: NodeChanges = right): Snapshot =>
  aSnapshot({ facts: shopFacts(), nodes: { n1, n2 } });

interface Given {
  readonly first: Snapshot;
  readonly second?: Snapshot;
  readonly read?: Read;
  readonly build?: () => Snapshot;
  readonly plan?: CollectPlan;
  readonly origin?: Origin;
  readonly io?: FakeIo;
  readonly deadline?: number;
  readonly settlingMs?: number;
  readonly wait?: boolean;
  /** What each reading after the first gives, instead of `second` each time. */
  readonly later?: readonly Snapshot[];
}

async function look(given: Given) {
  const { first, second = shop(right), io = fakeIo(), settlingMs = 0, plan = aPlan(), wait = false } = given;
  const { later = [] } = given;
  const loaders = fakeLoaders(
    [],
    given.read ?? readAll('n2'),
    given.build ?? ((_, reading) => later[reading] ?? later.at(-1) ?? second),
  );
  const live = await loaders.openArchive('');
  const source = { ...live, origin: given.origin ?? live.origin };
  const said: string[] = [];
  const progress: Progress = {
    nodes: () => {},
    nodeStarted: () => {},
    listed: () => {},
    probing: () => {},
    nodeDone: () => {},
    say: (text) => void said.push(text),
    stop: () => {},
  };
  const deadline = given.deadline ?? io.now() + 60_000;
  const outcome = await recheck(
    new Derivations(first),
    { source, plan, progress, deadline, settlingMs, readOnMs: 5, wait },
    { io, loaders },
  );
  return { ...outcome, snapshot: outcome.derivations.snapshot, said, plans: loaders.calls.plans };
}

const differing = (snapshot: Snapshot, node = 'n2'): string[] => {
  const one = new Derivations(snapshot).on(tableParity, node);
  return one.judged ? one.differences.map(({ kind }) => kind) : ['not judged'];
};

describe('a second look', () => {
  test('is taken at the nodes that differ, and at nothing else', async () => {
    const { plans, said } = await look({ first: shop(wrong) });
    expect(plans).toHaveLength(1);
    expect(plans[0]?.nodes).toEqual(new Set(['n2']));
    expect(plans[0]?.answers).toEqual(
      new Set(
        (['lbTable', 'agentTable', 'metrics', 'frontendStates', 'pendingInitializers'] as const).flatMap(
          (name) => answersOf[name],
        ),
      ),
    );
    const documents = plans[0]?.documents ?? new Set();
    for (const name of ['services', 'endpointSlices', 'pods', 'localRedirectPolicies'])
      expect(documents).toContain(name);
    expect(documents).not.toContain('kubeadmConfig');
    expect(said).toEqual(['n2: not as the API requires, looking a second time']);
  });

  test('of an agent’s own table the rows that differ are wanted, and no pod where only Services decide', async () => {
    const { plans } = await look({ first: shop(wrong) });
    expect(plans[0]?.agentRows).toEqual(new Map([['n2', ['10.96.10.1 80', '0.0.0.0 80']]]));
    expect(plans[0]?.podsAgain).toEqual(new Set());
  });

  test('of a node where nearly all differs the agent’s whole table is', async () => {
    const rows = Array.from({ length: 600 }, (_, at) => ({ key: `172.20.${at >> 8}.${at & 255}:80/TCP` }));
    const { plans } = await look({ first: shop({ lbTable: tableWith({}, ...rows) }) });
    expect(plans[0]?.agentRows).toEqual(new Map());
  });

  const ofPod = { key: '172.30.0.3:8080/TCP', flags: 'HostPort', backends: ['10.244.7.1:80/TCP'] };
  const policy = { metadata: { name: 'to-node', namespace: 'default' }, spec: {} };
  test.each<[string, Snapshot]>([
    ['a row is a hostPort’s', shop({ lbTable: tableWith({}, ofPod) })],
    ['a row is of another type than it should be', shop({ lbTable: tableWith({ flags: 'LocalRedirect' }) })],
    [
      'there are redirect policies',
      aSnapshot({ facts: { ...shopFacts(), localRedirectPolicies: [policy] }, nodes: { n1: right, n2: wrong } }),
    ],
  ])('all pods are listed again where %s', async (_, first) => {
    const { plans } = await look({ first });
    expect(plans).toHaveLength(1);
    expect(plans[0]?.podsAgain).toBeUndefined();
  });

  test('what was there the first time only is gone', async () => {
    const { snapshot } = await look({ first: shop(wrong), second: shop(right) });
    expect(differing(snapshot)).toEqual([]);
  });

  test('what is there both times is certain', async () => {
    const { snapshot } = await look({ first: shop(wrong), second: shop(wrong) });
    expect(differing(snapshot)).toEqual(['backendsStale']);
  });

  test('what is there the second time only is settling', async () => {
    const { snapshot } = await look({ first: shop(wrong), second: shop({ lbTable: tableWith() }) });
    expect(differing(snapshot)).toEqual(['settling']);
  });

  test('what changed in the API meanwhile is settling', async () => {
    const changed = aSnapshot({
      facts: shopFacts([cart({ internalTrafficPolicy: 'Local' })]),
      nodes: { n1: right, n2: wrong },
    });
    const { snapshot } = await look({ first: shop(wrong), second: changed });
    expect(new Set(differing(snapshot))).toEqual(new Set(['settling']));
  });

  test('a node that was right is not taken from it, whatever it says of it', async () => {
    const { snapshot } = await look({ first: shop(wrong), second: shop(wrong, wrong) });
    expect([...(snapshot.secondReading?.nodes.keys() ?? [])]).toEqual(['n2']);
    expect(differing(snapshot, 'n1')).toEqual([]);
  });

  test('an agent that did not answer is not asked again', async () => {
    const { plans } = await look({ first: shop({ ...wrong, status: aMissing('timeout') }) });
    expect(plans[0]?.silentAgents).toEqual(new Set(['n2']));
    expect((await look({ first: shop(wrong) })).plans[0]?.silentAgents).toEqual(new Set());
  });

  test('sends no probe, and asks for no document that the first did not', async () => {
    const documents = new Set(['version', 'nodes', 'services', 'endpointSlices'] as const);
    const { plans } = await look({ first: shop(wrong), plan: aPlan({ documents }) });
    expect(plans[0]?.documents).toEqual(documents);
  });
});

/** n2's agent has just started, and waits for the API still. */
const waiting = { agent: { startedAt: '2026-11-21T09:59:30Z' }, pendingInitializers: ['k8s-endpoints'] };
const starting = (table: LbTable) => shop({ ...waiting, lbTable: table });

describe('reading on while something may be on its way', () => {
  const open = starting(wrong.lbTable);

  test('until it is gone', async () => {
    const { snapshot, plans, said } = await look({ first: open, later: [open, open, shop(right)], wait: true });
    expect(plans).toHaveLength(3);
    expect(differing(snapshot)).toEqual([]);
    expect(said.at(-1)).toBe('n2: may be right in a moment, reading on (--no-wait leaves that out)');
  });

  test('until it is there to stay', async () => {
    const failed = shop({ ...waiting, ...wrong, frontendStates: [failedRow] });
    const { snapshot, plans } = await look({ first: open, later: [open, failed], wait: true });
    expect(plans).toHaveLength(2);
    expect(differing(snapshot)).toEqual(['backendsStale']);
  });

  test('not for ever', async () => {
    const { snapshot, plans } = await look({ first: open, second: open, wait: true });
    expect(plans).toHaveLength(4);
    expect(differing(snapshot)).toEqual(['settling']);
  });

  test('not unless it is asked for, nor where nothing is open', async () => {
    expect((await look({ first: open, second: open })).plans).toHaveLength(1);
    expect((await look({ first: shop(wrong), second: shop(wrong), wait: true })).plans).toHaveLength(1);
  });

  test('what fails on the way does not take back what was seen', async () => {
    let readings = 0;
    const read: Read = async (...rest) => {
      readings += 1;
      if (readings === 2) throw new KprError('The API server can’t be asked.', 'Try again.');
      await readAll('n2')(...rest);
    };
    const { snapshot, plans } = await look({ first: open, second: open, wait: true, read });
    expect(plans).toHaveLength(2);
    expect(differing(snapshot)).toEqual(['settling']);
  });
});

describe('a second look at rules that kube-proxy left', () => {
  const rules = dump(fixture('with-kube-proxy-1.36.txt'));
  const left = { ...right, iptables: [rules] };
  const stale = {
    entries: [
      {
        client: '172.30.0.12:40053',
        destination: { address: '10.96.0.10', port: 53 },
        backend: { address: '10.244.9.9', port: 53 },
        replied: true,
        secondsLeft: 100,
      },
    ],
    left: 0,
  };
  const dns = aSnapshot({ nodes: { n2: { conntrack: stale } } });

  test('reads their counters again, and neither tables nor Services', async () => {
    const { plans, said, snapshot } = await look({ first: shop(left), second: shop(left) });
    expect(plans.map(({ nodes }) => nodes)).toEqual([new Set(['n2'])]);
    expect(plans[0]?.answers).toEqual(new Set([...answersOf.iptables, ...answersOf.conntrack]));
    expect(plans[0]?.documents).not.toContain('services');
    expect(said).toEqual(['n2: kube-proxy’s rules are left, looking whether packets meet them']);
    expect([...(snapshot.secondReading?.nodes.keys() ?? [])]).toEqual(['n2']);
  });

  test('is taken at a few of many nodes', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `n${i + 1}`);
    const first = aSnapshot({ nodes: Object.fromEntries(names.map((name) => [name, { iptables: [rules] }])) });
    const plan = aPlan({ answers: new Set(['status', ...answersOf.iptables]) });
    const { plans } = await look({ first, second: first, plan });
    expect(plans[0]?.nodes).toEqual(new Set(names.slice(0, 8)));
  });

  test('shares one wait with tables that differ', async () => {
    const { plans, said } = await look({ first: shop(left, wrong), read: readAll('n1', 'n2') });
    expect(plans.map(({ nodes }) => nodes)).toEqual([new Set(['n1', 'n2'])]);
    expect(plans[0]?.answers).toContain('lbList');
    expect(plans[0]?.answers).toContain('iptablesNft');
    expect(plans[0]?.documents).toContain('services');
    expect(said).toHaveLength(2);
  });

  test('is taken at translated connections to what is gone, too', async () => {
    const plan = aPlan({ answers: new Set(['status', 'conntrack']) });
    const { plans } = await look({ first: dns, second: dns, plan });
    expect(plans.map(({ nodes, answers }) => ({ nodes, answers }))).toEqual([
      { nodes: new Set(['n2']), answers: new Set(['conntrack']) },
    ]);
  });

  test.each<[string, Given]>([
    ['kube-proxy runs there', { first: shop({ ...left, proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } }) }],
    ['its rules were not asked for', { first: shop(left), plan: aPlan({ answers: new Set(['status', 'lbList']) }) }],
    ['the node is not covered', { first: shop({ ...left, coverage: { kind: 'notSelected' } }) }],
  ])('not where %s', async (_, given) => {
    expect((await look(given)).plans).toEqual([]);
  });
});

function drifting(snapshot: Snapshot): readonly number[] {
  const drift = new Derivations(snapshot).of(sliceDrift);
  return 'missing' in drift ? [] : [drift.firm.length, drift.open.length];
}

describe('a second look at EndpointSlices and pods that contradict each other', () => {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-11-21T09:00:00Z' };
  const pod = {
    metadata: { name: 'cart-1', namespace: 'default', labels: { app: 'cart' } },
    spec: { nodeName: 'n2' },
    status: { phase: 'Running', podIP: '10.244.7.1', conditions: [ready] },
  };
  const byController = {
    'kubernetes.io/service-name': 'cart',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  };
  /** `default/cart` has one pod; its EndpointSlice names these. */
  const listing = (...lasts: readonly number[]): Snapshot =>
    aSnapshot({
      facts: { ...shopFacts([cart()], [cartSlice(lasts, { labels: byController })]), pods: [pod] },
      nodes: { n1: right, n2: right },
    });
  const differs = listing(1, 2);
  const asked = aPlan({ answers: new Set(['status']) });

  test('lists them again, and asks no node', async () => {
    const { plans, said, snapshot } = await look({ first: differs, second: listing(1), plan: asked });
    expect(plans.map(({ nodes, answers }) => ({ nodes, answers }))).toEqual([{ nodes: new Set(), answers: new Set() }]);
    for (const name of ['services', 'endpointSlices', 'pods', 'nodes'] as const)
      expect(plans[0]?.documents).toContain(name);
    expect(plans[0]?.podsAgain).toEqual(new Set(['default']));
    expect(said).toEqual(['EndpointSlices and pods: not alike, looking a second time']);
    expect(drifting(snapshot)).toEqual([0, 0]);
  });

  test('lists all pods where many namespaces are not alike', async () => {
    const namespaces = Array.from({ length: 9 }, (_, at) => `team-${at}`);
    const wide = aSnapshot({
      facts: {
        ...shopFacts(
          namespaces.map((namespace) => cart({}, { namespace })),
          namespaces.map((namespace) => cartSlice([1], { namespace, labels: byController })),
        ),
        pods: [pod],
      },
      nodes: { n1: right, n2: right },
    });
    const { plans } = await look({ first: wide, plan: asked });
    expect(plans[0]?.documents).toContain('pods');
    expect(plans[0]?.podsAgain).toBeUndefined();
  });

  test('reads on while it may be right in a moment', async () => {
    const { plans, snapshot } = await look({ first: differs, later: [differs, listing(1)], plan: asked, wait: true });
    expect(plans).toHaveLength(2);
    expect(drifting(snapshot)).toEqual([0, 0]);
  });

  test('not where they are alike, nor where pods are not read', async () => {
    expect((await look({ first: listing(1), plan: asked })).plans).toEqual([]);
    const documents = new Set(['version', 'nodes', 'services', 'endpointSlices'] as const);
    expect((await look({ first: differs, plan: { ...asked, documents } })).plans).toEqual([]);
  });
});

describe('no second look', () => {
  const differs = shop(wrong);
  test.each<[string, Given]>([
    ['all is right', { first: shop(right) }],
    ['what could not be judged does not differ', { first: shop({ lbTable: aMissing('timeout') }) }],
    ['the tables were not asked for', { first: differs, plan: aPlan({ answers: new Set(['status']) }) }],
    ['a capture', { first: differs, origin: { kind: 'capture', file: 'x', context: '', server: '' } }],
    ['a sysdump', { first: differs, origin: { kind: 'sysdump', file: 'x' } }],
    ['the comparison has a bug', { first: shop({ lbTable: { ...tableWith({}), unreadable: 'never so' } }) }],
    ['no time is left', { first: differs, deadline: 0 }],
  ])('%s', async (_, given) => {
    const { snapshot, plans, interrupted } = await look(given);
    expect(plans).toEqual([]);
    expect(snapshot).toBe(given.first);
    expect(interrupted).toBe(false);
  });
});

function refuse(error: Error): never {
  throw error;
}
const failing =
  (error: Error): Read =>
  () =>
    Promise.reject(error);

describe('the first reading stands', () => {
  const first = shop(wrong);

  test('when the API server went away', async () => {
    const read = failing(new KprError('The API server can’t be asked.', 'Try again.'));
    const { snapshot, interrupted, said } = await look({ first, read });
    expect(snapshot).toBe(first);
    expect(interrupted).toBe(false);
    expect(said.at(-1)).toBe('the second look failed: The API server can’t be asked.');
  });

  test('when the node was deleted meanwhile', async () => {
    expect(
      (await look({ first, build: () => refuse(new KprError('There is no node n2.', 'Nodes: n1.')) })).snapshot,
    ).toBe(first);
  });

  test('when the node did not answer in time', async () => {
    const { snapshot } = await look({ first, second: shop({ lbTable: aMissing('timeout') }) });
    expect(differing(snapshot)).toEqual(['backendsStale']);
  });

  test('a bug is no failure of the cluster', async () => {
    await expect(look({ first, read: failing(new TypeError('x is not a function')) })).rejects.toThrow(TypeError);
  });
});

describe('Ctrl-C', () => {
  test('while waiting: at once, with the first reading', async () => {
    const io = fakeIo();
    const first = shop(wrong);
    setTimeout(() => io.interrupt(), 5);
    const started = performance.now();
    const { snapshot, interrupted, plans } = await look({ first, io, settlingMs: 10_000 });
    expect(performance.now() - started).toBeLessThan(2000);
    expect({ interrupted, plans }).toEqual({ interrupted: true, plans: [] });
    expect(snapshot).toBe(first);
  });

  test('while reading: with what both readings gave by then', async () => {
    const io = fakeIo();
    const read: Read = async (plan, sink, progress) => {
      await readAll()(plan, sink, progress);
      setTimeout(() => io.interrupt(), 5);
      await new Promise((resolve) => {
        plan.signal?.addEventListener('abort', resolve);
      });
    };
    const second = shop({ lbTable: aMissing('notCollected') });
    const { snapshot, interrupted } = await look({ first: shop(wrong), second, io, read });
    expect(interrupted).toBe(true);
    expect(differing(snapshot)).toEqual(['backendsStale']);
  });
});

test('it has no more time than is left of the run', async () => {
  const io = fakeIo();
  const { plans } = await look({ first: shop(wrong), io, deadline: io.now() + 7000, settlingMs: 1 });
  expect(plans[0]?.runTimeoutMs).toBeLessThanOrEqual(7000);
  expect(plans[0]?.runTimeoutMs).toBeGreaterThan(1000);
});
