import type { NodeView } from '../../src/core/Check.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { describeDamage } from '../../src/expect/parity/damage.ts';
import type { Difference, FirmDifference, Layer, Settling } from '../../src/expect/parity/Difference.ts';
import { ownerName } from '../../src/expect/lb/ExpectedTable.ts';

/** More owners than this on one node have one cause, which one finding says better than many. */
const maxOwners = 3;
/** Rows and names that are shown of many. */
const maxShown = 5;

/** What differs on one node as findings: one for an owner and code, or one for a code where there are many owners. */
export function differenceFindings(node: NodeView<'lbTable'>, differences: readonly Difference[]): Finding[] {
  const settling = differences.filter((one): one is Settling => one.kind === 'settling');
  const firm = differences.filter((one): one is FirmDifference => one.kind !== 'settling');
  const byCause = [...Map.groupBy(firm, ({ code, layer }) => `${code} ${layer}`).values()];
  return [...byCause.flatMap((group) => groupFindings(node, group)), ...settlingFindings(node, settling)];
}

function groupFindings(node: NodeView<'lbTable'>, group: readonly FirmDifference[]): Finding[] {
  const owners = [...Map.groupBy(group, nameOf).values()];
  if (owners.length > maxOwners) return [manyFinding(node, group, owners.length)];
  return owners.map((rows) => ownerFinding(node, rows));
}

function ownerFinding(node: NodeView<'lbTable'>, rows: readonly FirmDifference[]): Finding {
  const one = worstOf(rows);
  // What the sentence says holds for these rows; the evidence has the others, which lose less.
  const target = targetOf(rows.filter((row) => lossOf(row) === lossOf(one)));
  const layer = layerWords[one.layer];
  const about = {
    nodes: [node.name],
    objects: objectsOf(rows),
    expected: orNothing(one.expected),
    found: orNothing(one.found),
    evidence: [node.evidence('lbTable', excerptOf(rows))],
  };
  switch (one.kind) {
    case 'frontendMissing':
      return finding(one.code, 'one', { target, layer }, about);
    case 'backendsMissing':
      return finding(
        one.code,
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
      return finding(one.code, 'one', { target, layer, share: shareOf(one), backends: listed(one.stale) }, about);
    case 'frontendOrphan':
      return finding(one.code, 'one', { target, layer }, about);
    case 'damaged':
      return finding(one.code, 'one', { target, damage: one.damage.map(describeDamage).join('; ') }, about);
    case 'wrongProperties':
      return finding(
        one.code,
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

function manyFinding(node: NodeView<'lbTable'>, group: readonly FirmDifference[], count: number): Finding {
  const layer = layerWords[worstOf(group).layer];
  const about = {
    nodes: [node.name],
    objects: objectsOf(group),
    evidence: [node.evidence('lbTable', excerptOf(group))],
  };
  const { code } = worstOf(group);
  return code === 'KPR4005' || code === 'KPR4006'
    ? finding(code, 'many', { count }, about)
    : finding(code, 'many', { count, layer }, about);
}

function settlingFindings(node: NodeView<'lbTable'>, rows: readonly Settling[]): Finding[] {
  return [...Map.groupBy(rows, ({ why }) => why)].map(([why, group]) =>
    finding(
      'KPR4009',
      'settling',
      { why, count: new Set(group.map(nameOf)).size },
      { nodes: [node.name], objects: objectsOf(group), evidence: [node.evidence('lbTable', excerptOf(group))] },
    ),
  );
}

const layerWords: Readonly<Record<Layer, string>> = {
  apiToAgent: 'lost between the API and the agent, whose own table has it wrong, too',
  agentToMap: 'lost between the agent, whose own table is right, and the map',
  unknown: 'which step lost it is not known',
};

const nameOf = ({ owner, frontend }: Difference): string => (owner === undefined ? frontend : ownerName(owner));

const objectsOf = (rows: readonly Difference[]): ObjectRef[] => {
  const owners = new Map(
    rows.flatMap(({ owner }) => (owner === undefined ? [] : [[ownerName(owner), owner] as const])),
  );
  return [...owners.values()].map(({ kind, namespace, name }) => ({ kind, namespace, name }));
};

/** `shop/cart (ClusterIP 10.96.0.9:80/TCP, NodePort 0.0.0.0:31080/TCP)` */
function targetOf(rows: readonly Difference[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  const frontends = listed(rows.map(({ type, frontend }) => `${type} ${frontend}`));
  return first.owner === undefined ? frontends : `${ownerName(first.owner)} (${frontends})`;
}

const lossOf = ({ lost }: FirmDifference): number => (lost === undefined ? 0 : lost.shares / lost.of);

/** The row that loses most. */
function worstOf(rows: readonly FirmDifference[]): FirmDifference {
  return rows.reduce((worst, row) => (lossOf(row) > lossOf(worst) ? row : worst));
}

const shareOf = ({ lost }: FirmDifference): string =>
  lost === undefined ? 'some' : lost.shares === lost.of ? 'all' : `${lost.shares} of ${lost.of}`;

const orNothing = (backends: readonly string[]): string => (backends.length === 0 ? '(nothing)' : listed(backends));

const excerptOf = (rows: readonly Difference[]): string =>
  rows
    .slice(0, maxShown)
    .map(({ frontend, found }) => `${frontend} -> ${orNothing(found)}`)
    .concat(rows.length > maxShown ? [`and ${rows.length - maxShown} more rows`] : [])
    .join('\n');

const listed = (texts: readonly string[]): string =>
  texts.length <= maxShown
    ? texts.join(', ')
    : `${texts.slice(0, maxShown).join(', ')} and ${texts.length - maxShown} more`;
