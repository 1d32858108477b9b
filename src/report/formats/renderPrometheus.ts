import type { ObjectRef } from '../../core/Finding.ts';
import { visibleName } from '../../text/visible.ts';
import type { ErrorDocument, ReportDocument } from '../ReportDocument.ts';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/**
 * Metrics of one run in the text format of Prometheus 0.0.4, for the textfile collector of node_exporter. All describe
 * one moment. What is not known is NaN, which no comparison takes for 1, or is not there.
 */
export const renderPrometheus = (report: ReportDocument): string =>
  [
    ...ofRun(report),
    metric('kpr_run_timestamp_seconds', 'When the cluster was read', secondsOf(report.takenAt)),
    metric('kpr_run_duration_seconds', 'How long the run took', [{ value: report.durationMs / 1000 }]),
    metric('kpr_finding', 'Findings by code and node; node is empty for the cluster as a whole', findingsOf(report)),
    metric('kpr_finding_object', 'Objects that findings are about', objectsOf(report)),
    metric('kpr_finding_suppressed', 'Findings that somebody suppressed, by code and node', suppressedOf(report)),
    metric('kpr_checks', 'Checks by result', countsOf('result', report.summary.checks)),
    metric('kpr_check_unknown', 'What a check could not judge, in places where it could not', unknownsOf(report)),
    metric('kpr_node_read', 'Whether anything of a node was read that was to be', nodesRead(report)),
    metric('kpr_node_parity', '1: the load-balancing tables of the node are as the API requires', parityOf(report)),
    ...frontendsOf(report),
    ...againstOf(report),
  ].join('');

export const prometheusFailure = (document: ErrorDocument): string => ofRun(document).join('');

const verdicts = ['pass', 'fail', 'unknown', 'interrupted', 'error'] as const satisfies ReportDocument['verdict'][];

const ofRun = ({ command, tool, exitCode, verdict }: ReportDocument | ErrorDocument): readonly string[] => [
  metric('kpr_info', 'The program that ran', [{ labels: { command: command ?? '', version: tool.version }, value: 1 }]),
  metric('kpr_up', '0: nothing could be examined', [{ value: Number(verdict !== 'error') }]),
  metric('kpr_exit_code', 'Exit code of the run', [{ value: exitCode }]),
  metric(
    'kpr_verdict',
    '1 for the verdict of the run, 0 for the others',
    verdicts.map((one) => ({ labels: { verdict: one }, value: Number(one === verdict) })),
  ),
];

function secondsOf(time: string): readonly Sample[] {
  const seconds = Date.parse(time) / 1000;
  return Number.isFinite(seconds) ? [{ value: seconds }] : [];
}

const findingsOf = ({ findings }: ReportDocument): readonly Sample[] =>
  findings.flatMap(({ code, severity, harm, check, nodes }) =>
    (nodes.length === 0 ? [''] : nodes).map((node) => ({ labels: { code, severity, harm, check, node }, value: 1 })),
  );

const objectsOf = ({ findings }: ReportDocument): readonly Sample[] =>
  findings.flatMap(({ code, severity, objects }) =>
    objects.map((object) => ({ labels: { code, severity, ...labelsOf(object) }, value: 1 })),
  );

const suppressedOf = ({ suppressions }: ReportDocument): readonly Sample[] =>
  (suppressions?.suppressed ?? []).flatMap(({ code, severity, nodes }) =>
    (nodes.length === 0 ? [''] : nodes).map((node) => ({ labels: { code, severity, node }, value: 1 })),
  );

const labelsOf = ({ kind, namespace = '', name }: ObjectRef): Labels => ({ kind, namespace, name });

const unknownsOf = ({ checks }: ReportDocument): readonly Sample[] =>
  checks.flatMap(({ id: check, unknown }) => unknown.map(({ reason }) => ({ labels: { check, reason }, value: 1 })));

const nodesRead = ({ coverage: { nodes } }: ReportDocument): readonly Sample[] => [
  ...nodes.names.map((node) => ({ labels: { node }, value: 1 })),
  ...nodes.notRead.map(({ node }) => ({ labels: { node }, value: 0 })),
];

/** Of every node that was to be examined, where tables were to be compared. */
function parityOf({ coverage: { nodes, frontends } }: ReportDocument): readonly Sample[] {
  if (frontends === null) return [];
  const judged = new Map(frontends.byNode.map(({ node, total, verified }) => [node, Number(total === verified)]));
  return [...nodes.names, ...nodes.notRead.map(({ node }) => node)].map((node) => ({
    labels: { node },
    value: judged.get(node) ?? Number.NaN,
  }));
}

function frontendsOf({ coverage: { frontends } }: ReportDocument): readonly string[] {
  if (frontends === null) return [];
  const { total, verified, served, differ, notServed, notKnown } = frontends;
  const states = { served, differ, not_known: notKnown };
  return [
    metric('kpr_frontends_total', 'Rows that the tables of judged nodes must have', [{ value: total }], 'untyped'),
    metric('kpr_frontends_verified_total', 'Those that are right on each node', [{ value: verified }], 'untyped'),
    metric('kpr_frontends', 'Frontends of Services and hostPorts by what becomes of them', [
      ...Object.entries(states).map(([state, value]) => ({ labels: { state, reason: '' }, value })),
      ...notServed.map(({ reason, frontends: value }) => ({ labels: { state: 'not_served', reason }, value })),
    ]),
  ];
}

const againstOf = ({ against }: ReportDocument): readonly string[] =>
  against === undefined
    ? []
    : [
        metric(
          'kpr_against_services',
          'Services by what became of them since kube-proxy served them',
          countsOf('outcome', against.services.counts),
        ),
      ];

const countsOf = (label: string, counts: Readonly<Record<string, number>>): readonly Sample[] =>
  Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));

/** Samples with the same labels are one, their sum: a second one would make the whole file invalid. */
function metric(name: string, help: string, samples: readonly Sample[], type: 'gauge' | 'untyped' = 'gauge'): string {
  const sums = new Map<string, number>();
  for (const { labels = {}, value } of samples) {
    const text = labelsText(labels);
    sums.set(text, (sums.get(text) ?? 0) + value);
  }
  const lines = Array.from(sums, ([labels, value]) => `${name}${labels} ${value}\n`);
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelsText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${quoted(value)}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

/** No line break is left in what is visible, so that the format's other two escapes do. */
const quoted = (value: string): string => visibleName(value).replaceAll(/["\\]/g, String.raw`\$&`);
