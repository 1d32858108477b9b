import { plainPaint } from '../../text/Style.ts';
import type { DiffDocument } from '../diff/DiffDocument.ts';
import { renderDiff } from '../diff/renderDiff.ts';
import { renderTrace } from '../renderTrace.ts';
import type { TraceDocument } from '../TraceDocument.ts';
import { block } from './markdown.ts';

const view = { width: undefined, unicode: true, paint: plainPaint, detail: 'normal' } as const;

/** Columns keep their places between fences, in every ticket and chat. */
export const renderTraceMarkdown = (document: TraceDocument): string => `${block(renderTrace(document, view))}\n`;

export const renderDiffMarkdown = (document: DiffDocument): string => `${block(renderDiff(document, view))}\n`;
