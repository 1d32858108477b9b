import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { AnyCheck } from '../../src/core/Check.ts';
import { Derivations } from '../../src/core/Derivations.ts';
import type { Problem, VariantName } from '../../src/core/Problem.ts';
import { type CheckResult, runChecks } from '../../src/core/runChecks.ts';
import { unknownsOf } from '../../src/core/verdict.ts';
import type { AnyView } from '../../src/core/View.ts';
import type { NodeFactName } from '../../src/model/NodeFacts.ts';
import type { ClusterFactName, Snapshot } from '../../src/model/Snapshot.ts';
import { buildReport } from '../../src/report/buildReport.ts';
import type { StepReport } from '../../src/remedy/RemedyReport.ts';
import type { FindingReport, ReportDocument } from '../../src/report/ReportDocument.ts';
import { renderTable } from '../../src/report/renderTable.ts';
import { aMissing, aSnapshot, type SnapshotChanges } from './aSnapshot.ts';
import { noLooks, unseenOf, watched } from './watched.ts';

/** What a check is held to. Each cluster is the healthy one with changes, or made by other means. */
export interface StandardCases<P extends Problem> {
  /** Where it passes; absent: the healthy cluster. */
  readonly healthy?: Cluster;
  /** One for each way in which each of its problems shows, or the other check that finds this one. */
  readonly faulty: {
    readonly [Q in P as Q['code']]: { readonly [V in VariantName<Q>]: Cluster | { readonly raisedBy: AnyCheck } };
  };
  /**
   * What it requires without a look at it, e.g. `cluster services`: derived facts say less without it, so that
   * nothing is to be judged.
   */
  readonly requiredUnseen?: readonly (`cluster ${ClusterFactName}` | `node ${NodeFactName}`)[];
  /** Where there is nothing that it is about; or why there always is. */
  readonly notApplicable: Cluster | { readonly never: string };
  /** Where texts from outside (names, values, messages of programs) reach a finding of it; or why none does. */
  readonly hostile: ((text: string) => Cluster) | { readonly never: string };
}

type Cluster = SnapshotChanges | Snapshot;

const hostileTexts = [
  '',
  "it's",
  '$(touch pwned) `id` "; rm -rf /',
  '\u001b[2J\u0007\u009b1m',
  'a\nkubectl delete node n1',
  '\u202egnp.exe\u2066',
  '{{node}} {{params}}',
  '%s %n <b>&amp;</b> \\',
  'a'.repeat(20_000),
];

/** A reason, and not what `npm run new-check` leaves to be written. */
const written = /^(?!TODO).+/;

/** A cluster without a node to examine. */
export const noNode: SnapshotChanges = {
  nodes: {
    n1: { coverage: { kind: 'excluded', why: 'windows' }, agent: undefined },
    n2: { coverage: { kind: 'excluded', why: 'windows' }, agent: undefined },
  },
};

/** Holds a check to what every check is held to; called in its own test file. */
export function standardCases<P extends Problem>(check: AnyCheck<P>, cases: StandardCases<P>): void {
  describe(`what every check is held to: ${check.id}`, () => {
    test('on a healthy cluster it passes', () => {
      expect(said(check, cases.healthy ?? {})).toEqual(['pass']);
    });

    const faulty = Object.entries<Readonly<Record<string, Cluster | { readonly raisedBy: AnyCheck }>>>(
      cases.faulty,
    ).flatMap(([code, variants]) =>
      Object.entries(variants).map(([variant, cluster]) => [`${code} ${variant}`, cluster] as const),
    );
    test.each(faulty)('it finds %s', (name, cluster) => {
      if (!('raisedBy' in cluster)) return expect(said(check, cluster)).toContain(name);
      expect(cluster.raisedBy.id).not.toBe(check.id);
      return expect(cluster.raisedBy.codes.some((code) => name.startsWith(`${code} `))).toBe(true);
    });

    const required = [
      ...(check.requires?.cluster ?? []).map((name) => [name, { facts: { [name]: aMissing('forbidden') } }] as const),
      ...(check.requires?.node ?? []).map(
        (name) =>
          [name, { nodes: { n1: { [name]: aMissing('timeout') }, n2: { [name]: aMissing('timeout') } } }] as const,
      ),
    ];
    test.each(required)('without %s it judges nothing', (_, cluster) => {
      expect(said(check, cluster)).toEqual(['unknown']);
    });

    test('without any optional fact it has no bug', () => {
      expect(bugsIn(resultOf(check, withoutOptional(check, cases.healthy)))).toEqual([]);
    });

    test('in one of these cases it looks at each thing that it declares, and in none at another', () => {
      const { hostile } = cases;
      const looks = noLooks();
      const watching = { ...check, run: (view: AnyView) => check.run(watched(view, looks)) };
      for (const cluster of [
        cases.healthy ?? {},
        ...faulty.flatMap(([, one]) => ('raisedBy' in one ? [] : [one])),
        ...('never' in cases.notApplicable ? [] : [cases.notApplicable]),
        ...('never' in hostile ? [] : [hostile('x')]),
        withoutOptional(check, cases.healthy),
      ])
        resultOf(watching, readTwice(snapshotOf(cluster)));
      expect([...looks.undeclared]).toEqual([]);
      expect(unseenOf(check, looks)).toEqual(cases.requiredUnseen ?? []);
    });

    test('where there is nothing that it is about, it says so', () => {
      if ('never' in cases.notApplicable) expect(cases.notApplicable.never).toMatch(written);
      else expect(said(check, cases.notApplicable)).toEqual(['skipped']);
    });

    test('whatever texts hold, it judges them, and what it prints is safe', () => {
      const { hostile } = cases;
      if ('never' in hostile) return expect(hostile.never).toMatch(written);
      const reports = hostileTexts.map((text) => reportOf(check, hostile(text)));
      expect(reports.flatMap(({ bugs }) => bugs)).toEqual([]);
      expect(reports.some(({ report }) => report.findings.length > 0)).toBe(true);
      const printed = reports.map(({ report }) => renderTable(report, style)).join('');
      // oxlint-disable-next-line no-control-regex
      expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      const commands = reports.flatMap(({ report }) => report.findings.flatMap(commandsOf));
      return expect(() => execFileSync('bash', ['-n'], { input: commands.join('\n') })).not.toThrow();
    });
  });
}

/** `pass`, `skipped`, or what it found, by code and variant, and `unknown` once if something was not judged. */
function said(check: AnyCheck, cluster: Cluster): string[] {
  const result = resultOf(check, cluster);
  expect(bugsIn(result)).toEqual([]);
  if (result.result === 'pass' || result.result === 'skipped') return [result.result];
  const findings = result.result === 'fail' ? result.findings : [];
  return [
    ...new Set(findings.map(({ code, variant }) => `${code} ${variant}`)),
    ...(result.unknowns.length > 0 ? ['unknown'] : []),
  ];
}

const snapshotOf = (cluster: Cluster): Snapshot =>
  'origin' in cluster && 'nodes' in cluster && isWhole(cluster) ? cluster : aSnapshot(cluster);

/** The second time it was the same. */
const readTwice = (first: Snapshot): Snapshot => ({
  ...first,
  secondReading: {
    secondsLater: 2,
    facts: first.facts,
    nodes: new Map(first.nodes.map(({ name, facts }) => [name, facts])),
  },
});

const isWhole = (cluster: Cluster): cluster is Snapshot => Array.isArray(cluster.nodes);

const bugsIn = (result: CheckResult): string[] => unknownsOf(result).flatMap(({ bug }) => bug?.stack ?? []);

function resultOf(check: AnyCheck, cluster: Cluster): CheckResult {
  const [result] = runChecks([check], new Derivations(snapshotOf(cluster)));
  if (result === undefined) throw new Error('the runner gave no result');
  return result;
}

const lacking = (names: readonly string[] = []): object =>
  Object.fromEntries(names.map((name) => [name, aMissing('notCollected')]));

function withoutOptional({ optional }: AnyCheck, cluster: Cluster = {}): Snapshot {
  const snapshot = snapshotOf(cluster);
  return {
    ...snapshot,
    facts: { ...snapshot.facts, ...lacking(optional?.cluster) },
    nodes: snapshot.nodes.map((node) =>
      Object.assign({}, node, { facts: { ...node.facts, ...lacking(optional?.node) } }),
    ),
  };
}

const plain = (text: string): string => text;
const paint = { error: plain, warning: plain, info: plain, ok: plain, unknown: plain, dim: plain, bold: plain };
const style = { width: 80, unicode: true, paint, detail: 'verbose', now: 0 } as const;

function reportOf(check: AnyCheck, cluster: Cluster): { readonly bugs: string[]; readonly report: ReportDocument } {
  const derivations = new Derivations(snapshotOf(cluster));
  const results = runChecks([check], derivations);
  const report = buildReport(results, derivations, {
    phase: 'doctor',
    failOn: 'error',
    strict: false,
    allowUnknown: new Set(),
    interrupted: false,
    toolVersion: '0.0.0',
    durationMs: 0,
  });
  return { bugs: results.flatMap(bugsIn), report };
}

/** What a person may paste, each on a line of its own. */
const commandsOf = ({ remedy, alternatives = [] }: FindingReport): string[] =>
  [remedy, ...alternatives]
    .flatMap(({ steps, check, undo }) => [check, undo].concat(steps.flatMap(commandsIn)))
    .filter((command) => command !== undefined);

const commandsIn = ({ commands, precondition }: StepReport): (string | undefined)[] => [
  precondition?.command,
  ...commands.map(({ command }) => command),
];
