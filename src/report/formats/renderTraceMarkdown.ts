import { plainPaint } from '../../text/Style.ts';
import { Page } from '../Page.ts';
import { renderPaths } from '../renderTrace.ts';
import { firstCode, traceHeadline } from '../traceWords.ts';
import type { TraceDocument } from '../TraceDocument.ts';
import { block, paragraphs, prose } from './markdown.ts';
import { aboutOf } from './plainText.ts';

/** The verdict in words; below it columns, which keep their places between fences in every ticket and chat. */
export function renderTraceMarkdown(document: TraceDocument): string {
  const { word, text } = traceHeadline(document);
  const page = new Page({ width: undefined, unicode: true, paint: plainPaint });
  renderPaths(page, document, 'normal');
  const code = document.verdict === 'fail' ? firstCode(document) : undefined;
  return paragraphs([
    `**${prose(`${word}: ${text}`)}**${code === undefined ? '' : ` ${code}`}`,
    prose(aboutOf(document).join(' · ')),
    document.noBalancer === null ? '' : prose(`LoadBalancer: ${document.noBalancer}`),
    document.paths.length === 0 ? '' : block(page.toString().trim()),
    `Exit code ${document.exitCode}`,
  ]);
}
