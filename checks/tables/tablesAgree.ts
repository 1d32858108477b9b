import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { ownerName } from '../../src/expect/lb/OwnerRef.ts';
import { compareNodes, type Disagreement } from '../../src/expect/parity/compareNodes.ts';
import { type NodeParity, tableParity } from '../../src/expect/parity/tableParity.ts';
import { listFirst, listNames } from '../../src/text/names.ts';
import { kpr4007 } from './problems/KPR4007.ts';

/** Rows that are judged already, as different from the API or as settling, are not said twice. */
export const tablesAgree = defineCheck({
  id: 'tables-agree',
  title: 'Nodes hold the same rows where they should be equal',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr4007],
  requires: { cluster: ['nodes', 'services', 'endpointSlices'], node: ['lbTable'] },
  uses: [tableParity],
  run({ nodes }) {
    if (nodes.length < 2) return notApplicable('fewer than two nodes to compare');
    const parities = nodes.map((node) => node.derived(tableParity));
    const judged = parities.filter((one) => one.judged);
    const unjudged = parities.filter((one) => !one.judged).map(({ node, why }) => inconclusive(why, node));
    const explained = new Set(judged.flatMap(({ differences }) => differences.map(({ frontend }) => frontend)));
    const open = compareNodes(judged).filter(({ frontend }) => !explained.has(frontend));
    const {
      remote = [],
      tie = [],
      minority = [],
    } = Object.groupBy(open, (one) =>
      globalServiceOf(one, judged) !== undefined ? 'remote' : one.hasMajority ? 'minority' : 'tie',
    );
    return passUnless([
      ...minorityFindings(minority, nodes),
      ...byNodes(tie).map((rows) => tieFinding(rows, nodes)),
      ...byNodes(remote).map((rows) => remoteFinding(rows, judged, nodes)),
      ...unjudged,
    ]);
  },
});

type Nodes = readonly NodeView<'lbTable', never, never, typeof tableParity>[];
type Judged = Extract<NodeParity, { readonly judged: true }>;
type Rows = readonly [Disagreement, ...Disagreement[]];

/** Rows in which the same nodes stand against the same. */
const byNodes = (rows: readonly Disagreement[]): readonly Rows[] =>
  [...Map.groupBy(rows, ({ forms }) => JSON.stringify(forms.map(({ nodes }) => nodes))).values()].flatMap(
    ([first, ...others]): Rows[] => (first === undefined ? [] : [[first, ...others]]),
  );

/** The nodes that differ from most others, one finding for all rows of the same ones. */
function minorityFindings(rows: readonly Disagreement[], nodes: Nodes): Finding<'KPR4007'>[] {
  const parts = rows.flatMap(({ frontend, forms: [most, ...others] }) =>
    others.map((form) => ({ frontend, most, form })),
  );
  return [...Map.groupBy(parts, ({ form }) => JSON.stringify(form.nodes)).values()].flatMap((same) => {
    const [first] = same;
    if (first?.most === undefined) return [];
    const { frontend, most, form } = first;
    const example = `${frontend} ${form.row ?? 'is not there'}`;
    const params = { majority: most.nodes.length, all: nodes.length, count: same.length, example };
    const about = { expected: most.row ?? '(no row)', found: form.row ?? '(no row)' };
    return nodes
      .filter(({ name }) => form.nodes.includes(name))
      .map(({ name, evidence }) =>
        finding(kpr4007, 'minority', params, { ...about, nodes: [name], evidence: [evidence('lbTable', example)] }),
      );
  });
}

/** As many nodes say one thing as the other, so all of them are named. */
function tieFinding(rows: Rows, nodes: Nodes): Finding<'KPR4007'> {
  const [{ frontend, forms }] = rows;
  return finding(kpr4007, 'tie', { count: rows.length, frontend, forms: textOf({ forms }) }, aboutNodes(rows, nodes));
}

/** What other clusters have stands in no object of this one; so it is told apart by its Service. */
function remoteFinding(rows: Rows, judged: readonly Judged[], nodes: Nodes): Finding<'KPR4007'> {
  const [first] = rows;
  const { frontend, forms } = first;
  const services = rows.flatMap((row) => globalServiceOf(row, judged) ?? []);
  return finding(
    kpr4007,
    'remote',
    {
      service: listNames([...new Set(services.map(ownerName))]),
      count: rows.length,
      frontend,
      forms: textOf({ forms }),
    },
    {
      ...aboutNodes(rows, nodes),
      objects: services.map(({ kind, namespace, name }) => ({ kind, namespace, name })),
    },
  );
}

function globalServiceOf({ frontend }: Disagreement, judged: readonly Judged[]) {
  const row = judged.map(({ expected }) => expected.frontends.get(frontend)).find((one) => one !== undefined);
  return row === undefined || row.remote === 'none' ? undefined : row.owner;
}

/** All nodes of a tie; of a majority those that are not in it. */
function aboutNodes([{ frontend, forms, hasMajority }]: Rows, nodes: Nodes): Pick<Finding, 'nodes' | 'evidence'> {
  const blamed = forms.slice(hasMajority ? 1 : 0);
  return {
    nodes: blamed.flatMap((form) => form.nodes),
    evidence: forms.flatMap(({ row, nodes: [one] }) =>
      nodes
        .filter(({ name }) => name === one)
        .map(({ evidence }) => evidence('lbTable', `${frontend} ${row ?? 'is not there'}`)),
    ),
  };
}

const maxForms = 3;

/** `n1: ClusterIP 10.0.0.1:80; n2: no row` */
const textOf = ({ forms }: Pick<Disagreement, 'forms'>): string =>
  listFirst(
    forms.map(({ row, nodes }) => `${listNames(nodes)}: ${row ?? 'no row'}`),
    maxForms,
  );
