import type { Invocation, Location, Log, Notification, ReportingDescriptor, Result } from 'sarif';
import type { ObjectRef } from '../../core/Finding.ts';
import type { Severity } from '../../core/Problem.ts';
import { nameOf } from '../../remedy/valuesOf.ts';
import { truncate, truncateMiddle } from '../../text/truncate.ts';
import { visibleLines, visibleName } from '../../text/visible.ts';
import type { LossReport } from '../against/AgainstReport.ts';
import { toolName } from '../DocumentHead.ts';
import { renderJson } from '../renderJson.ts';
import type { ErrorDocument, FindingReport, ReportDocument, SuppressionsReport } from '../ReportDocument.ts';
import { longestText } from './markup.ts';
import { plainTextOf } from './plainText.ts';

/**
 * SARIF 2.1.0, as code scanning reads it: a result for each finding, and a notification of the run for what could not
 * be judged.
 */
export const renderSarif = (report: ReportDocument): string =>
  renderJson(
    logOf(report, rulesOf(report), resultsOf(report), {
      executionSuccessful: report.verdict !== 'error' && report.verdict !== 'interrupted',
      exitCode: report.exitCode,
      ...endOf(report.takenAt),
      toolExecutionNotifications: [
        ...(report.error === undefined ? [] : [notification('error', report.error.message)]),
        ...unknownsOf(report),
      ],
    }),
  );

export const sarifFailure = (document: ErrorDocument): string =>
  renderJson(
    logOf(document, [], [], {
      executionSuccessful: false,
      exitCode: document.exitCode,
      toolExecutionNotifications: [notification('error', `${document.error.message}. ${document.error.hint}`)],
    }),
  );

const resultsOf = ({ findings, against, suppressions }: ReportDocument): Result[] => [
  ...findings.map(resultOf),
  ...(against?.lost ?? []).map(lossOf),
  ...(suppressions?.suppressed ?? []).map(suppressedResultOf),
];

const logOf = (
  { tool, command }: Pick<ReportDocument | ErrorDocument, 'tool' | 'command'>,
  rules: ReportingDescriptor[],
  results: Result[],
  invocation: Invocation,
): Log => ({
  $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json',
  version: '2.1.0',
  runs: [
    {
      tool: { driver: { name: toolName, version: tool.version, semanticVersion: tool.version, rules } },
      automationDetails: { id: `${toolName}/${command ?? ''}/` },
      columnKind: 'utf16CodeUnits',
      invocations: [invocation],
      results,
    },
  ],
});

/** Losses that no finding tells, too, are of this rule. */
const lossRule = 'against';

function rulesOf({ findings, against, suppressions }: ReportDocument): ReportingDescriptor[] {
  const titles = new Map(findings.map(({ code, title }) => [code, title]));
  for (const { code } of against?.lost ?? [])
    titles.set(
      code ?? lossRule,
      titles.get(code ?? lossRule) ?? 'A Service does not reach what it did through kube-proxy',
    );
  for (const { code, message } of suppressions?.suppressed ?? []) titles.set(code, titles.get(code) ?? message);
  return Array.from(titles, ([id, title]) => ({
    id,
    shortDescription: { text: messageText(title) },
    help: { text: id === lossRule ? 'kubectl kpr verify --help' : `kubectl kpr explain ${id}` },
  }));
}

const levels = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<Severity, string>;

function resultOf(finding: FindingReport): Result {
  const { code, variant, check, severity, harm, nodes, objects, message, isNew } = finding;
  return {
    ruleId: code,
    level: levels[severity],
    ...(isNew === undefined ? {} : { baselineState: isNew ? 'new' : 'unchanged' }),
    message: { text: messageText(message) },
    locations: locationsOf(objects, nodes),
    partialFingerprints: { 'finding/v1': fingerprint([code, variant, ...objects.map(nameOf), ...nodes]) },
    properties: { check, harm, variant, details: messageText(plainTextOf(finding)) },
  };
}

const suppressedResultOf = ({
  code,
  severity,
  message,
  nodes,
  objects,
  reason,
  until,
  by,
}: SuppressionsReport['suppressed'][number]): Result => ({
  ruleId: code,
  level: levels[severity],
  message: { text: messageText(message) },
  locations: locationsOf(objects, nodes),
  partialFingerprints: { 'finding/v1': fingerprint([code, 'suppressed', ...objects.map(nameOf), ...nodes]) },
  suppressions: [{ kind: 'external', justification: messageText(`${reason} (until ${until}, ${by})`) }],
});

const lossOf = ({ code, severity, service, frontend, what, nodes, expected, found }: LossReport): Result => ({
  ruleId: code ?? lossRule,
  level: levels[severity],
  message: {
    text: messageText(
      `${service} ${frontend}: ${what} not as before; expected ${expected.join(', ') || 'nothing'}, found ${found.join(', ') || 'nothing'}`,
    ),
  },
  locations: locationsOf([{ kind: 'Service', name: service }], nodes),
  partialFingerprints: { 'finding/v1': fingerprint([lossRule, service, frontend, what, ...nodes]) },
});

const unknownsOf = ({ checks }: ReportDocument): Notification[] =>
  checks.flatMap(({ id, unknown }) =>
    unknown.map(({ node, detail }) =>
      notification('warning', `${id}${node === null ? '' : ` on ${node}`} could not be judged: ${detail}`),
    ),
  );

const notification = (level: 'warning' | 'error', text: string): Notification => ({
  level,
  message: { text: messageText(text) },
});

/** Places that no file has: of a cluster, its objects and its nodes. Without one a result is shown nowhere. */
function locationsOf(objects: readonly ObjectRef[], nodes: readonly string[]): Location[] {
  const places = [
    ...objects.map(({ kind, namespace, name }) => [kind, ...(namespace === undefined ? [] : [namespace]), name]),
    ...nodes.map((node) => ['Node', node]),
  ];
  return (places.length === 0 ? [['Cluster']] : places).map((parts) => ({
    physicalLocation: { artifactLocation: { uri: parts.map(uriPart).join('/') } },
    logicalLocations: [{ fullyQualifiedName: parts.map(visibleName).join('/'), kind: 'resource' }],
  }));
}

/** Dots alone would be a step in a path. */
const uriPart = (name: string): string =>
  encodeURIComponent(visibleName(name)).replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'));

/** Braces around a number and a bracket before a parenthesis mean something in a message of SARIF. */
const messageText = (text: string): string =>
  visibleLines(truncate(text, longestText))
    .join('\n')
    .replaceAll(/\{(\d+)\}/g, '{{$1}}')
    .replaceAll('](', String.raw`\](`);

const fingerprint = (parts: readonly string[]): string => truncateMiddle(parts.map(visibleName).join(' '), 1000);

function endOf(takenAt: string): Pick<Invocation, 'endTimeUtc'> {
  const time = new Date(takenAt);
  return Number.isFinite(time.getTime()) ? { endTimeUtc: time.toISOString() } : {};
}
