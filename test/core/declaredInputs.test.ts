import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { selectChecks } from '../../src/app/selectChecks.ts';
import { planFor } from '../../src/collect/planFor.ts';
import type { AnyCheck } from '../../src/core/Check.ts';
import { Derivations } from '../../src/core/Derivations.ts';
import type { Phase } from '../../src/core/Phase.ts';
import { type CheckResult, runChecks, type Unknown } from '../../src/core/runChecks.ts';
import type { Derived, Inputs } from '../../src/core/View.ts';
import { leftoverNodes } from '../../src/expect/kube-proxy/leftoverNodes.ts';
import { changes } from '../../src/model/Intent.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { parseRoutes } from '../../src/parse/parseRoutes.ts';
import { valueOf } from '../parse/recorded.ts';
import { allMissing, aMissing, aSnapshot } from '../support/aSnapshot.ts';
import { anIntent } from '../support/anIntent.ts';
import { ciliumConfig } from '../support/healthy.ts';
import { snapshotOf } from '../support/readRecording.ts';
import { shopFacts, tableWith } from '../support/shopTables.ts';
import { closureOf, type Looks, noLooks, unseenOf, watched } from '../support/watched.ts';

const translated = {
  entries: [
    {
      client: '172.30.0.12:40053',
      destination: { address: '10.96.0.10', port: 53 },
      backend: { address: '10.244.1.82', port: 53 },
      replied: false,
      secondsLeft: 20,
    },
  ],
  left: 0,
};

const folders = ['test/fixtures/recordings', 'examples/captures'];
const recordings = folders.flatMap((folder) => readdirSync(folder).map((file) => `${folder}/${file}`));
const options = { nodes: undefined, ciliumNamespace: undefined, probe: true, readsOnce: true } as const;
const limits = { nodeTimeoutMs: 10_000, runTimeoutMs: 60_000, concurrency: 1 };
const planOf = (some: readonly Inputs[]) => planFor(some, { ...options, ...limits });

const derivedFacts = new Set(
  [...checks, { uses: [leftoverNodes] }].flatMap(({ uses = [] }) => uses).flatMap(closureOf),
);

let looks: ReadonlyMap<Derived, Looks>;
beforeAll(async () => {
  const recorded = await Promise.all(recordings.map((file) => snapshotOf(file)));
  looks = looksAt([...recorded, ...unrecorded]);
}, 120_000);

/** What derived facts look at; what checks look at, is in their standard cases. */
function looksAt(snapshots: readonly Snapshot[]): ReadonlyMap<Derived, Looks> {
  const all = new Map([...derivedFacts].map((one) => [one, noLooks()]));
  for (const snapshot of snapshots) {
    const derivations = new Derivations(snapshot);
    for (const [derived, own] of all) {
      const view = watched(derivations.view(derived), own);
      if (derived.of === 'cluster') derived.compute(view);
      else view.nodes.forEach(derived.compute(view));
    }
  }
  return all;
}

const lostProbe = {
  server: '10.96.0.10',
  port: 53,
  via: 'clusterIP',
  protocol: 'UDP',
  outcome: 'timeout',
  detail: 'Operation not permitted',
} as const;

const podOn = (node: string, ips: readonly string[]): Pod => ({
  metadata: { name: `web-${node}`, namespace: 'default' },
  spec: { nodeName: node },
  status: {
    phase: 'Running',
    podIPs: ips.map((ip) => ({ ip })),
    startTime: '2026-11-21T08:00:00Z',
    conditions: [{ type: 'Ready', status: 'True' }],
  },
});

const readTwice = (first: Snapshot, second: Snapshot = first): Snapshot => ({
  ...first,
  secondReading: {
    secondsLater: 2,
    facts: second.facts,
    nodes: new Map(second.nodes.map(({ name, facts }) => [name, facts])),
  },
});

const podsOnBoth = [podOn('n1', ['10.244.1.9', 'fd00:1::9']), podOn('n2', ['10.244.2.9', 'fd00:2::9'])];
const direct = [
  ['routing-mode', 'native'],
  ['auto-direct-node-routes', 'true'],
] as const;

/** What no recording shows. */
const unrecorded: readonly Snapshot[] = [
  readTwice(aSnapshot({ facts: shopFacts(), nodes: { n1: { lbTable: tableWith() } } })),
  // Agents hang, and nothing else on their nodes.
  aSnapshot({ nodes: { n1: { ...allMissing('timeout'), status: aMissing('timeout') } } }),
  // Nobody says which version there is.
  aSnapshot({ nodes: { n1: { status: aMissing('timeout') }, n2: { status: aMissing('timeout') } } }),
  aSnapshot({ facts: { ciliumConfig: new Map() } }),
  aSnapshot({ nodes: { n1: { conntrack: translated } } }),
  // What is broken on the host of a node: a link, the way to pods in both families, and a program that refuses.
  aSnapshot({
    facts: { pods: podsOnBoth },
    nodes: {
      n1: {
        startedConfig: new Map([...ciliumConfig, ['enable-ipv6', 'true']]),
        interfaces: [{ name: 'eth0', up: false, addresses: [] }],
        routes4: valueOf(parseRoutes('ipv4')('172.30.1.0/24 dev eth0\n')),
        routes6: valueOf(parseRoutes('ipv6')('fe80::/64 dev eth0\n')),
        dnsProbe: [lostProbe],
        cgroupPrograms: [{ name: 'guard_connect4', attachType: 'cgroup_inet4_connect' }],
      },
    },
  }),
  // Agents make routes to each other, and one of them is gone.
  aSnapshot({
    facts: { pods: podsOnBoth },
    nodes: {
      n1: {
        startedConfig: new Map([...ciliumConfig, ...direct]),
        routes4: valueOf(parseRoutes('ipv4')('172.30.1.0/24 dev eth0\n')),
      },
    },
  }),
];

describe.each([...derivedFacts].map((derived) => [derived.name, derived] as const))('%s', (_, derived) => {
  test('looks at what it declares, at all of it and at nothing else', () => {
    const own = looks.get(derived) ?? noLooks();
    expect([...own.undeclared]).toEqual([]);
    expect(unseenOf(derived, own)).toEqual([]);
  });
});

describe('--check says of a check what the whole run says of it', () => {
  test.each(recordings)(
    '%s',
    async (file) => {
      const whole = await snapshotOf(file);
      for (const check of checks) {
        const alone = await snapshotOf(file, planOf([check]));
        for (const { phase, intent } of questionsOf(check)) {
          const expected = resultIn(phase, { ...whole, ...intent }, []).get(check.id) ?? expect.fail('no result');
          for (const name of [check.id, ...check.codes]) {
            const own = { ...alone, ...intent };
            const found = resultIn(phase, own, [name]).get(check.id) ?? expect.fail('no result');
            const wanted = name === check.id ? expected : onlyOf(name, expected);
            expect(comparable(found), `${phase} --check ${name}`).toMatchObject(comparable(wanted));
          }
        }
      }
    },
    120_000,
  );
});

interface Question {
  readonly phase: Phase;
  readonly intent: Pick<Snapshot, 'intent'>;
}

/** What is planned is a part of the question; what other phases ask, too, says the same whatever is planned. */
function questionsOf({ phases }: AnyCheck): readonly Question[] {
  const others = phases.filter((one) => one !== 'preflight');
  if (others.length > 0) return others.map((phase) => ({ phase, intent: {} }));
  return changes.map((change) => ({
    phase: 'preflight',
    intent: { intent: anIntent(change, change === 'upgrade' ? { toVersion: '1.20.2' } : {}) },
  }));
}

const resultIn = (phase: Phase, snapshot: Snapshot, check: readonly string[]): ReadonlyMap<string, CheckResult> =>
  new Map(
    runChecks(selectChecks(checks, phase, { check, skip: [] }).run, new Derivations(snapshot)).map((one) => [
      one.check.id,
      one,
    ]),
  );

type Comparable = CheckResult | (Pick<CheckResult, 'check'> & { result: 'unknown'; unknowns: readonly Unknown[] });

function onlyOf(code: string, result: CheckResult): Comparable {
  if (result.result !== 'fail') return result;
  const { check, unknowns } = result;
  const findings = result.findings.filter((one) => one.code === code);
  if (findings.length > 0) return { ...result, findings };
  return unknowns.length > 0 ? { check, result: 'unknown', unknowns } : { check, result: 'pass' };
}

/** Which other check explains that something is unknown, is known only when that is run, too. */
function comparable({ check, ...result }: Comparable): object {
  if (!('unknowns' in result)) return { check: check.id, ...result };
  const unknowns = result.unknowns.map(({ node, why, fact }) => ({ node, why, fact }));
  return { check: check.id, ...result, unknowns };
}
