import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import type { Layer, Problem } from '../../src/core/Problem.ts';
import type { Since } from '../../src/core/Since.ts';
import type { NodeView } from '../../src/core/View.ts';
import { ownerName } from '../../src/expect/lb/OwnerRef.ts';
import type { Difference, FirmDifference, LostStep, Settling } from '../../src/expect/parity/Difference.ts';
import { listFirst } from '../../src/text/names.ts';
import { describeDamage, type differenceCodes } from './differenceWords.ts';
import { kpr4001 } from './problems/KPR4001.ts';
import { kpr4002 } from './problems/KPR4002.ts';
import { kpr4003 } from './problems/KPR4003.ts';
import { kpr4004 } from './problems/KPR4004.ts';
import { kpr4005 } from './problems/KPR4005.ts';
import { kpr4006 } from './problems/KPR4006.ts';
import { kpr4009 } from './problems/KPR4009.ts';

/** More owners than this on one node have one cause, which one finding says better than many. */
const maxOwners = 3;
/** Rows and names that are shown of many. */
const maxShown = 5;

export type TableFinding = Finding<(typeof differenceCodes)[Difference['kind']]>;

/** A known defect behind a difference, and what helps. */
export interface Explanation {
  readonly reference: string;
  readonly whatHelps: string;
  /** There is nothing to act on. */
  readonly isNote: boolean;
}

/** Since when these rows of the node differ; undefined: nothing tells. */
export type SinceOf = (rows: readonly FirmDifference[]) => Since | undefined;

/**
 * What differs on one node as findings: one for an owner and code, or one for a code where there are many owners; what
 * known defects explain is told by defect.
 */
export function differenceFindings(
  node: NodeView<'lbTable'>,
  firm: readonly FirmDifference[],
  explain: (difference: FirmDifference) => Explanation | undefined,
  sinceOf: SinceOf,
): TableFinding[] {
  const byDefect = firm.flatMap((one) => {
    const explanation = explain(one);
    return explanation === undefined ? [] : [{ one, explanation }];
  });
  const explained = new Set(byDefect.map(({ one }) => one));
  const open = firm.filter((one) => !explained.has(one));
  const byCause = [...Map.groupBy(open, ({ kind, layer }) => `${kind} ${layer}`).values()];
  const groups = Map.groupBy(byDefect, ({ one, explanation }) => `${one.kind} ${explanation.reference}`).values();
  return [
    ...byCause.flatMap((group) => groupFindings(node, group, sinceOf)),
    ...[...groups].flatMap((group) => explainedFinding(node, group, sinceOf)),
  ];
}

interface Explained {
  readonly one: FirmDifference;
  readonly explanation: Explanation;
}

function explainedFinding(node: NodeView<'lbTable'>, group: readonly Explained[], sinceOf: SinceOf): TableFinding[] {
  const [first] = group;
  if (first === undefined) return [];
  const { reference, whatHelps, isNote } = first.explanation;
  const rows = group.map(({ one }) => one);
  const about = { nodes: [node.name], evidence: evidenceOf(node, rows), since: sinceOf(rows) };
  if (isNote && first.one.kind === 'frontendOrphan') return [finding(kpr4004, 'left', { reference, whatHelps }, about)];
  const params = { target: targetsOf(rows), reference, whatHelps };
  return [finding(explainedProblems[first.one.kind], 'byDefect', params, { ...about, objects: objectsOf(rows) })];
}

const explainedProblems = {
  frontendMissing: kpr4001,
  backendsMissing: kpr4002,
  backendsStale: kpr4003,
  frontendOrphan: kpr4004,
  damaged: kpr4005,
  wrongProperties: kpr4006,
} as const satisfies Readonly<Record<FirmDifference['kind'], Problem>>;

/** As `targetOf`, of one or more owners. */
const targetsOf = (rows: readonly FirmDifference[]): string =>
  listFirst([...Map.groupBy(rows, nameOf).values()].map(targetOf), maxOwners);

function groupFindings(node: NodeView<'lbTable'>, group: readonly FirmDifference[], sinceOf: SinceOf): TableFinding[] {
  const owners = [...Map.groupBy(group, nameOf).values()];
  if (owners.length > maxOwners) return [manyFinding(node, group, owners.length, sinceOf)];
  return owners.map((rows) => ownerFinding(node, rows, sinceOf));
}

function ownerFinding(node: NodeView<'lbTable'>, rows: readonly FirmDifference[], sinceOf: SinceOf): TableFinding {
  const one = worstOf(rows);
  // What the sentence says holds for these rows; the evidence has the others, which lose less.
  const target = targetOf(rows.filter((row) => lossOf(row) === lossOf(one)));
  const layer = layerWords[one.layer];
  const about = {
    layer: layerOf[one.layer],
    nodes: [node.name],
    objects: objectsOf(rows),
    expected: orNothing(one.expected),
    found: orNothing(one.found),
    evidence: evidenceOf(node, rows),
    since: sinceOf(rows),
  };
  switch (one.kind) {
    case 'frontendMissing':
      return finding(kpr4001, 'one', { target, layer }, about);
    case 'backendsMissing':
      return finding(
        kpr4002,
        'one',
        {
          target,
          layer,
          found: one.expected.length - one.missing.length,
          expected: one.expected.length,
          backends: listed(one.missing),
        },
        about,
      );
    case 'backendsStale':
      return finding(kpr4003, 'one', { target, layer, share: shareOf(one), backends: listed(one.stale) }, about);
    case 'frontendOrphan':
      return finding(kpr4004, 'one', { target, layer }, about);
    case 'damaged':
      return finding(kpr4005, 'one', { target, damage: one.damage.map(describeDamage).join('; ') }, about);
    case 'wrongProperties':
      return finding(
        kpr4006,
        'one',
        {
          target,
          properties: one.properties
            .map(({ property, expected, found }) => `${property} ${found} instead of ${expected}`)
            .join(', '),
        },
        about,
      );
  }
}

function manyFinding(
  node: NodeView<'lbTable'>,
  group: readonly FirmDifference[],
  count: number,
  sinceOf: SinceOf,
): TableFinding {
  const layer = layerWords[worstOf(group).layer];
  const about = {
    layer: layerOf[worstOf(group).layer],
    nodes: [node.name],
    objects: objectsOf(group),
    evidence: evidenceOf(node, group),
    since: sinceOf(group),
  };
  switch (worstOf(group).kind) {
    case 'frontendMissing':
      return finding(kpr4001, 'many', { count, layer }, about);
    case 'backendsMissing':
      return finding(kpr4002, 'many', { count, layer }, about);
    case 'backendsStale':
      return finding(kpr4003, 'many', { count, layer }, about);
    case 'frontendOrphan':
      return finding(kpr4004, 'many', { count, layer }, about);
    case 'damaged':
      return finding(kpr4005, 'many', { count }, about);
    case 'wrongProperties':
      return finding(kpr4006, 'many', { count }, about);
  }
}

/** What may be right in a moment: a note, unless `isHarm`, when connections are lost until then. */
export function settlingFindings(
  node: NodeView<'lbTable'>,
  rows: readonly Settling[],
  isHarm: boolean,
): TableFinding[] {
  return [...Map.groupBy(rows, ({ why }) => why)].map(([why, group]) =>
    finding(
      kpr4009,
      isHarm ? 'everywhere' : 'settling',
      { why, count: new Set(group.map(nameOf)).size },
      { nodes: [node.name], objects: objectsOf(group), evidence: [node.evidence('lbTable', excerptOf(group))] },
    ),
  );
}

/** The rows, and where something just began, why that does not excuse them. */
function evidenceOf(node: NodeView<'lbTable'>, rows: readonly FirmDifference[]): Evidence[] {
  const proofs = new Set(rows.flatMap(({ proof }) => proof ?? []));
  return [node.evidence('lbTable', [excerptOf(rows), ...proofs].join('\n'))];
}

const layerWords: Readonly<Record<LostStep, string>> = {
  apiToAgent: 'lost between the API and the agent, whose own table has it wrong, too',
  agentToMap: 'lost between the agent, whose own table is right, and the map',
  unknown: 'which step lost it is not known',
};

/** What has it wrong first. */
const layerOf: Readonly<Record<LostStep, Layer | undefined>> = {
  apiToAgent: 'agent',
  agentToMap: 'map',
  unknown: undefined,
};

/** What nobody asks for goes by the row that the agent made it of: that of the zero address, for addresses of nodes. */
const nameOf = ({ owner, agentKey }: Difference): string => (owner === undefined ? agentKey : ownerName(owner));

function objectsOf(rows: readonly Difference[]): ObjectRef[] {
  const owners = new Map(
    rows.flatMap(({ owner }) => (owner === undefined ? [] : [[ownerName(owner), owner] as const])),
  );
  return [...owners.values()].map(({ kind, namespace, name }) => ({ kind, namespace, name }));
}

/** `shop/cart (ClusterIP 10.96.0.9:80/TCP, NodePort 0.0.0.0:31080/TCP)` */
function targetOf(rows: readonly Difference[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  const frontends = listed(rows.map(({ type, frontend }) => `${type} ${frontend}`));
  return first.owner === undefined ? frontends : `${ownerName(first.owner)} (${frontends})`;
}

const lossOf = ({ lost }: FirmDifference): number => (lost === undefined ? 0 : lost.shares / lost.total);

/** The row that loses most. */
function worstOf(rows: readonly FirmDifference[]): FirmDifference {
  return rows.reduce((worst, row) => (lossOf(row) > lossOf(worst) ? row : worst));
}

const shareOf = ({ lost }: FirmDifference): string =>
  lost === undefined ? 'some' : lost.shares === lost.total ? 'all' : `${lost.shares} of ${lost.total}`;

const orNothing = (backends: readonly string[]): string => (backends.length === 0 ? '(nothing)' : listed(backends));

const excerptOf = (rows: readonly Difference[]): string =>
  rows
    .slice(0, maxShown)
    .map(({ frontend, found }) => `${frontend} -> ${orNothing(found)}`)
    .concat(rows.length > maxShown ? [`and ${rows.length - maxShown} more rows`] : [])
    .join('\n');

const listed = (texts: readonly string[]): string => listFirst(texts, maxShown);
