import { describe, expect, test } from 'vitest';
import { headerOf } from '../../src/report/headerOf.ts';
import { Page } from '../../src/report/Page.ts';
import { renderHeader } from '../../src/report/renderHeader.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { healthy, unknowns } from './documents.ts';

const unpainted = (text: string): string => text;
const paint = {
  error: unpainted,
  warning: unpainted,
  info: unpainted,
  ok: unpainted,
  unknown: unpainted,
  dim: unpainted,
  bold: unpainted,
};

/** Its rows, with an X where the next text would stand. */
function rowsOf(report: ReportDocument, width: number | undefined): readonly string[] {
  const page = new Page({ width, unicode: true, paint });
  renderHeader(page, headerOf(report, Date.parse('2026-01-02T05:04:05Z')));
  page.prose('X');
  return page.toString().trimEnd().split('\n');
}

const live = { ...healthy, timeLimitMs: 60_000 };
const widths = Array.from({ length: 120 }, (_, i) => i + 30);

describe('the header', () => {
  test('takes one row where it can', () => {
    expect(rowsOf(live, undefined)).toEqual([
      'kubectl kpr doctor · prod-1 · Cilium 1.19.6 · Kubernetes 1.36.3 · 12 nodes, 340 Services · 1.4 s of 1 min',
      '',
      'X',
    ]);
  });

  test('is told without the command first, then in two rows of whole facts, and what follows stands as high', () => {
    expect(rowsOf(live, 90)).toEqual([
      'prod-1 · Cilium 1.19.6 · Kubernetes 1.36.3 · 12 nodes, 340 Services · 1.4 s of 1 min',
      '',
      'X',
    ]);
    expect(rowsOf(live, 80)).toEqual([
      'prod-1 · Cilium 1.19.6 · Kubernetes 1.36.3 · 12 nodes, 340 Services ·',
      '1.4 s of 1 min',
      'X',
    ]);
  });

  test.each(Object.entries({ live, unknowns }))('leaves out no fact at any width: %s', (_, report) => {
    const facts = headerOf(report, Date.parse('2026-01-02T05:04:05Z')).facts(Infinity);
    expect(facts.length).toBeGreaterThan(3);
    for (const width of widths) {
      const rows = rowsOf(report, width);
      expect(rows.filter((row) => row.length > width)).toEqual([]);
      expect(rows.join(' ').replaceAll(' · ', ' ')).toContain(facts.join(' '));
    }
  });

  test('shortens a long name in its middle before it takes more rows', () => {
    const context = `gke_${'project-'.repeat(8)}_europe-west1_prod`;
    const named = { ...live, cluster: { ...live.cluster, context } };
    const [first = '', next] = rowsOf(named, 110);
    expect([first.length, next]).toEqual([110, '']);
    expect(first).toMatch(/^gke_.*….*_prod · Cilium/);
    const rows = rowsOf(named, 80);
    expect(rows[0]).toMatch(/^.{16}….{7} · Cilium 1\.19\.6 ·/);
    expect(rows.join(' ')).toContain('1.4 s of 1 min X');
  });
});
