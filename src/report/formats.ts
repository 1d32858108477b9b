import type { ChecksDocument } from './ChecksDocument.ts';
import type { DiffDocument } from './diff/DiffDocument.ts';
import type { ErrorDocument, ReportDocument } from './ReportDocument.ts';
import type { ExplainDocument } from './ExplainDocument.ts';
import type { PreflightDocument } from './preflight/PreflightDocument.ts';
import type { TraceDocument } from './TraceDocument.ts';
import type { ToolVersionDocument } from './ToolVersionDocument.ts';
import type { View } from './View.ts';

/** For a person at a terminal. Progress may be shown meanwhile, and failures are told in words. */
export interface ScreenFormat<D, V extends View> {
  readonly kind: 'screen';
  load(): Promise<(document: D, view: V) => string>;
}

/** For programs: nothing else is printed anywhere, and a failure is such a document, too. */
export interface DocumentFormat<D> {
  readonly kind: 'document';
  load(): Promise<{
    readonly render: (document: D) => string;
    readonly failure: (document: ErrorDocument) => string;
  }>;
}

export type Format<D, V extends View = View> = ScreenFormat<D, V> | DocumentFormat<D>;

/** A format whatever it is of: enough to tell what else may be printed, and how a failure is told. */
export type AnyFormat = Format<never, never>;

/** Every kind of document has these, and may have more. */
type Formats<D, V extends View = View> = Readonly<Record<string, Format<D, V>>> &
  Readonly<Record<'table' | 'json', Format<D, V>>>;

const screen = <D, V extends View>(load: ScreenFormat<D, V>['load']): ScreenFormat<D, V> => ({ kind: 'screen', load });

const json: DocumentFormat<unknown> = {
  kind: 'document',
  load: async () => {
    const { renderJson } = await import('./renderJson.ts');
    return { render: renderJson, failure: renderJson };
  },
};

/** The same document in another notation. */
const yaml: DocumentFormat<unknown> = {
  kind: 'document',
  load: async () => {
    const { renderYaml } = await import('./formats/renderYaml.ts');
    return { render: renderYaml, failure: renderYaml };
  },
};

/** Names alone: there are none in a failure. */
const names = <D>(load: () => Promise<(document: D) => string>): DocumentFormat<D> => ({
  kind: 'document',
  load: async () => ({ render: await load(), failure: () => '' }),
});

const junit = <D>(load: () => Promise<(document: D) => string>): DocumentFormat<D> => ({
  kind: 'document',
  load: async () => ({
    render: await load(),
    failure: (await import('./formats/renderReportJunit.ts')).junitFailure,
  }),
});

const html = <D>(load: () => Promise<(document: D) => string>): DocumentFormat<D> => ({
  kind: 'document',
  load: async () => ({
    render: await load(),
    failure: (await import('./formats/html/page.ts')).htmlFailure,
  }),
});

const markdown = <D>(load: () => Promise<(document: D) => string>): DocumentFormat<D> => ({
  kind: 'document',
  load: async () => ({
    render: await load(),
    failure: (await import('./formats/renderReportMarkdown.ts')).markdownFailure,
  }),
});

const prometheus: DocumentFormat<ReportDocument> = {
  kind: 'document',
  load: async () => {
    const { renderPrometheus, prometheusFailure } = await import('./formats/renderPrometheus.ts');
    return { render: renderPrometheus, failure: prometheusFailure };
  },
};

const sarif: DocumentFormat<ReportDocument> = {
  kind: 'document',
  load: async () => {
    const { renderSarif, sarifFailure } = await import('./formats/renderSarif.ts');
    return { render: renderSarif, failure: sarifFailure };
  },
};

// The choices of -o are made of these maps: a format is a line here, and a file that it loads. Behind the command line
// nobody knows its name: a command is handed the format itself.

/** Of `doctor` and `verify`. */
export const reportFormats = {
  table: screen(async () => (await import('./renderTable.ts')).renderTable),
  wide: screen(async () => (await import('./formats/renderWide.ts')).renderReportWide),
  json,
  yaml,
  name: names(async () => (await import('./formats/renderNames.ts')).renderReportNames),
  junit: junit(async () => (await import('./formats/renderReportJunit.ts')).renderReportJunit),
  markdown: markdown(async () => (await import('./formats/renderReportMarkdown.ts')).renderReportMarkdown),
  html: html(async () => (await import('./formats/html/renderReportHtml.ts')).renderReportHtml),
  prometheus,
  sarif,
} satisfies Formats<ReportDocument>;

export const traceFormats = {
  table: screen(async () => (await import('./renderTrace.ts')).renderTrace),
  wide: screen(async () => (await import('./formats/renderWide.ts')).renderTraceWide),
  json,
  yaml,
  name: names(async () => (await import('./formats/renderNames.ts')).renderTraceNames),
  junit: junit(async () => (await import('./formats/renderTraceJunit.ts')).renderTraceJunit),
  markdown: markdown(async () => (await import('./formats/renderTraceMarkdown.ts')).renderTraceMarkdown),
  html: html(async () => (await import('./formats/html/renderTraceHtml.ts')).renderTraceHtml),
} satisfies Formats<TraceDocument>;

export const diffFormats = {
  table: screen(async () => (await import('./diff/renderDiff.ts')).renderDiff),
  wide: screen(async () => (await import('./formats/renderWide.ts')).renderDiffWide),
  json,
  yaml,
  name: names(async () => (await import('./formats/renderNames.ts')).renderDiffNames),
  markdown: markdown(async () => (await import('./formats/renderDiffMarkdown.ts')).renderDiffMarkdown),
  html: html(async () => (await import('./formats/html/renderDiffHtml.ts')).renderDiffHtml),
} satisfies Formats<DiffDocument>;

export const preflightFormats = {
  table: screen(async () => (await import('./preflight/renderPreflight.ts')).renderPreflight),
  markdown: screen(async () => (await import('./preflight/renderMarkdown.ts')).renderMarkdown),
  json,
  yaml,
} satisfies Formats<PreflightDocument>;

const problemTable = screen<ExplainDocument, View>(async () => (await import('./renderExplain.ts')).renderExplain);
const codeTable = screen<ExplainDocument, View>(async () => (await import('./renderCheckList.ts')).renderCodeList);

/** Of `explain`: those that were asked for are told at length, all of them in a line each. */
export interface ExplainFormat {
  readonly some: Format<ExplainDocument>;
  readonly all: Format<ExplainDocument>;
}

export const explainFormats = {
  table: { some: problemTable, all: codeTable },
  json: { some: json, all: json },
  yaml: { some: yaml, all: yaml },
} satisfies Record<string, ExplainFormat>;

/** To tell failures by. */
export const problemFormats = { table: problemTable, json, yaml } satisfies Formats<ExplainDocument> &
  Record<keyof typeof explainFormats, Format<ExplainDocument>>;

export const checkListFormats = {
  table: screen(async () => (await import('./renderCheckList.ts')).renderCheckList),
  json,
  yaml,
} satisfies Formats<ChecksDocument>;

export const versionFormats = {
  table: screen(async () => (await import('./renderVersion.ts')).renderVersion),
  json,
  yaml,
} satisfies Formats<ToolVersionDocument>;
