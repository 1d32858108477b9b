import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { script, scriptHash } from '../../../src/report/formats/html/script.ts';
import { htmlFailure, renderReportHtml } from '../../../src/report/formats/html/renderReportHtml.ts';
import { nodeMatrix } from '../../../src/report/formats/nodeMatrix.ts';
import { broken, unknowns } from '../documents.ts';
import { accepted, againstReport, brokenReport, failure, withLosses, withTextEverywhere } from './samples.ts';

const tagsOf = (html: string): readonly string[] => [...html.matchAll(/<\/?[a-z][a-z0-9]*/g)].map(([tag]) => tag);

describe('the page', () => {
  test('may run its own script, and no other', async () => {
    expect(createHash('sha256').update(script).digest('base64')).toBe(scriptHash);
    const html = renderReportHtml(await brokenReport());
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'`);
    expect(html.match(/<script/g)).toHaveLength(1);
  });

  test('loads nothing', async () => {
    expect(renderReportHtml(await brokenReport())).not.toMatch(/ (src|href)=|@import|url\(/);
  });

  test.each(['<script>alert(1)</script>', '" onload="x', "' onclick='x", '</pre></style>', '&lt;', '<!--', ']]>'])(
    'what a cluster calls %s is text',
    async (text) => {
      for (const report of [await brokenReport(), withLosses(await againstReport()), broken, unknowns]) {
        // The same document with harmless words has the same tags.
        const tags = tagsOf(renderReportHtml(withTextEverywhere(report, text)));
        expect(tags).toEqual(tagsOf(renderReportHtml(withTextEverywhere(report, 'x'))));
      }
    },
  );

  test('every tag that is opened is closed', async () => {
    const empty = new Set(['meta', 'input', 'br']);
    for (const report of [await brokenReport(), withLosses(await againstReport()), broken, unknowns]) {
      const open: string[] = [];
      for (const tag of tagsOf(renderReportHtml(report))) {
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
