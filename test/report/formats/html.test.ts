import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { script, scriptHash } from '../../../src/report/formats/html/script.ts';
import { htmlFailure } from '../../../src/report/formats/html/page.ts';
import { renderDiffHtml } from '../../../src/report/formats/html/renderDiffHtml.ts';
import { renderReportHtml } from '../../../src/report/formats/html/renderReportHtml.ts';
import { renderTraceHtml } from '../../../src/report/formats/html/renderTraceHtml.ts';
import { nodeMatrix } from '../../../src/report/formats/nodeMatrix.ts';
import { broken, unknowns } from '../documents.ts';
import {
  accepted,
  againstReport,
  brokenReport,
  brokenTrace,
  diffDocument,
  failure,
  withLosses,
  withRules,
  withTextEverywhere,
} from './samples.ts';

const tagsOf = (html: string): readonly string[] => [...html.matchAll(/<\/?[a-z][a-z0-9]*/g)].map(([tag]) => tag);

/** Every kind of page, with its own texts, or with one in place of them. */
async function pagesOf(text?: string): Promise<readonly string[]> {
  const filled = <D>(document: D): D => (text === undefined ? document : withTextEverywhere(document, text));
  const reports = [await brokenReport(), withLosses(await againstReport()), broken, unknowns];
  const diff = await diffDocument();
  return [
    ...reports.map((report) => renderReportHtml(filled(report))),
    renderTraceHtml(filled(await brokenTrace())),
    ...[diff, withRules(diff)].map((one) => renderDiffHtml(filled(one))),
    htmlFailure(filled(failure)),
  ];
}

describe('the page', () => {
  test('may run its own script, and no other', async () => {
    expect(createHash('sha256').update(script).digest('base64')).toBe(scriptHash);
    for (const html of await pagesOf()) {
      expect(html).toContain(
        `content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'`,
      );
      expect(html.match(/<script/g)).toHaveLength(1);
    }
  });

  test('loads nothing', async () => {
    for (const html of await pagesOf()) expect(html).not.toMatch(/ (src|href)=|@import|url\(/);
  });

  test.each(['<script>alert(1)</script>', '" onload="x', "' onclick='x", '</pre></style>', '&lt;', '<!--', ']]>'])(
    'what a cluster calls %s is text',
    async (text) => {
      // The same document with harmless words has the same tags.
      expect((await pagesOf(text)).map(tagsOf)).toEqual((await pagesOf('x')).map(tagsOf));
    },
  );

  test('every tag that is opened is closed', async () => {
    const empty = new Set(['meta', 'input', 'br']);
    for (const html of await pagesOf()) {
      const open: string[] = [];
      for (const tag of tagsOf(html)) {
        if (tag.startsWith('</')) expect(open.pop()).toBe(tag.slice(2));
        else if (!empty.has(tag.slice(1))) open.push(tag.slice(1));
      }
      expect(open).toEqual([]);
    }
  });

  test('says what is wrong, with every command', async () => {
    const report = await brokenReport();
    const html = renderReportHtml(report);
    expect(html).toContain('<h1>FAIL: ');
    for (const { code, remedy } of report.findings) {
      expect(html).toContain(code);
      expect(remedy.steps.length === 0 || html.includes('<ol><li>')).toBe(true);
    }
  });

  test('of a trace: each node at each frontend, and each backend as it is expected and as it is found', async () => {
    const document = await brokenTrace();
    const html = renderTraceHtml(document);
    expect(html).toContain('<h1>FAIL: default/httpd is not served as the API requires on n2: ');
    for (const { nodes, frontends } of document.paths) {
      for (const node of nodes) expect(html).toContain(`<tr><td>${node}</td>`);
      for (const { backends } of frontends) for (const { address } of backends) expect(html).toContain(address);
    }
    expect(html).toMatch(/<strong class="error">idle<\/strong><\/td><td><strong class="error">yes/);
  });

  test('of a diff: what somebody did, each rule before and after, and where Services lead', async () => {
    const document = withRules(await diffDocument());
    const html = renderDiffHtml(document);
    expect(html).toContain('<h1>DIFFERENT: 1 chain that should not have changed; kube-proxy ');
    expect(html).toContain('<del>-A INPUT -s 192.0.2.1/32 -j DROP</del>');
    expect(html).toContain('<ins>-A INPUT -s 192.0.2.2/32 -j DROP</ins>');
    for (const { service } of document.services) expect(html).toContain(`<strong>${service}</strong>`);
    for (const node of document.nodes.compared) expect(html).toContain(`<tr><td>${node}</td>`);
  });

  test('of a failure', () => {
    expect(htmlFailure(failure)).toContain('<h1>ERROR: The server refused</h1>');
  });
});

describe('the matrix of nodes and areas', () => {
  test('what is found on a node, what is about the cluster, and what is fine', () => {
    const { areas, rows } = nodeMatrix(broken);
    expect(areas).toEqual(['agents', 'kubeProxy', 'dns']);
    expect(rows[0]).toEqual({ node: null, cells: ['ok', 'warning', 'ok'] });
    expect(rows.slice(1)).toHaveLength(12);
    for (const { cells } of rows.slice(1)) expect(cells).toEqual(['error', 'ok', 'ok']);
  });

  test('what is suppressed is not fine', () => {
    const { rows } = nodeMatrix(accepted(broken));
    for (const { cells } of rows.slice(1)) expect(cells[0]).toBe('info');
  });

  test('a node that was not read is fine nowhere, and what was judged nowhere is unknown everywhere', () => {
    const { areas, rows } = nodeMatrix(unknowns);
    const cellsOf = (name: string) => rows.find(({ node }) => node === name)?.cells;
    expect(areas).toEqual(['agents', 'kubeProxy', 'services']);
    expect(cellsOf('n7')).toEqual(['unknown', 'unknown', 'unknown']);
    expect(cellsOf('n1')).toEqual(['ok', 'unknown', 'unknown']);
    expect(cellsOf('n9')).toEqual(['ok', 'ok', 'unknown']);
  });
});
