import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { block, code, prose } from '../../../src/report/formats/markdown.ts';
import { renderReportMarkdown } from '../../../src/report/formats/renderReportMarkdown.ts';
import { renderDiffWide, renderReportWide, renderTraceWide } from '../../../src/report/formats/renderWide.ts';
import { plainPaint } from '../../../src/text/Style.ts';
import { aFindingReport, broken, healthy, unknowns } from '../documents.ts';
import { brokenReport, brokenTrace, diffDocument, withTextEverywhere } from './samples.ts';

const view = { width: undefined, unicode: true, paint: plainPaint, detail: 'normal', now: 0 } as const;

/** What is left outside of code: no mark of Markdown may be among it. */
function outsideOfCode(text: string): string {
  const outside: string[] = [];
  let rest = text;
  for (;;) {
    const [begun = '', before = '', run = ''] = /^([^`]*)(`+)/s.exec(rest) ?? [];
    if (run === '') return outside.join('') + rest;
    outside.push(before);
    const inner = rest.slice(begun.length);
    const end = new RegExp(`(?<!\`)${run}(?!\`)`).exec(inner);
    if (end === null) return outside.join('') + run;
    rest = inner.slice(end.index + run.length);
  }
}

describe('Markdown', () => {
  test('names the nodes of what is told once for many', () => {
    const findings = Array.from({ length: 30 }, (_, i) =>
      aFindingReport({ nodes: [`n${i + 1}`], message: `lost on n${i + 1}` }),
    );
    const text = renderReportMarkdown({ ...healthy, verdict: 'fail', exitCode: 1, findings });
    expect(text).toMatch(/^on n1; and 29 more like it on n2, n3, .*, n21 and 9 more$/m);
  });

  test.each([
    [
      'The agent on n1 does not answer (10.96.0.10:53/UDP), e.g. kube-proxy’s',
      'The agent on n1 does not answer (10.96.0.10:53/UDP), e.g. kube-proxy’s',
    ],
    ['map cilium_lb4_services_v2: full', 'map `cilium_lb4_services_v2`: full'],
    [
      '<script> @team #12 [a](https://x) www.example.com',
      '`<script>` `@team` `#12` `[a](https://x`) `www.example.com`',
    ],
    ['a`b ``c`` *d*', '``a`b`` ``` ``c`` ``` `*d*`'],
    ['one\n# two', 'one `#` two'],
    ['---', '`---`'],
  ])('%j', (text, expected) => {
    expect(prose(text)).toBe(expected);
  });

  test('whatever a text holds, nothing of it is a mark', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        expect(outsideOfCode(prose(text))).not.toMatch(/[\\`*_{}[\]#<>|~!&@=\n]/);
        const lines = block(text).split('\n');
        const fence = lines[0] ?? '';
        expect(lines.slice(1, -1).filter((line) => line.startsWith(fence))).toEqual([]);
        expect(outsideOfCode(code(text))).toBe('');
      }),
    );
  });

  test('an indented block ends where it ends', () => {
    expect(block('a\n```\nb', '   ')).toBe('   ````\n   a\n   ```\n   b\n   ````');
  });

  test('begins with the verdict and holds the first command of each cause', async () => {
    const report = await brokenReport();
    const text = renderReportMarkdown(report);
    expect(text).toMatch(/^\*\*FAIL: .*\*\*\n/);
    expect(text).toMatch(/^ {3}kubectl -n kube-system delete pod cilium-\w+ --grace-period=5$/m);
    expect(text.trimEnd().split('\n').at(-1)).toBe('Exit code 1');
    expect(renderReportMarkdown(healthy)).toMatch(/^\*\*PASS: /);
  });
});

describe('-o wide', () => {
  test('a check that could not judge nodes for several reasons names each, and not one for all', () => {
    const [check = expect.fail('no check')] = unknowns.checks;
    const unknown = (['n1', 'n2', 'n3'] as const).map((node, at) => ({
      node,
      reason: 'unreachable' as const,
      detail: at === 0 ? 'no answer' : `${node} was removed`,
      blockedBy: null,
    }));
    const wide = renderReportWide({ ...unknowns, checks: [{ ...check, result: 'unknown', unknown }] }, view);
    expect(wide).toContain(`${check.id}: 2 nodes: … was removed; n1: no answer`);
  });

  test('a line for each finding and for each check that could not judge, then the verdict', () => {
    const lines = renderReportWide(broken, view).trimEnd().split('\n');
    expect(lines).toHaveLength(1 + broken.findings.length + 1);
    expect(lines[0]).toMatch(/^SEVERITY +CODE +HARM +NODES +OBJECTS +MESSAGE$/);
    expect(lines[2]).toMatch(/^error +KPR1007 +now +n1, n2, n3 and 9 more +- +Socket LB is enabled/);
    expect(lines.at(-1)).toMatch(/^exit 1: FAIL: /);
    const unknown = renderReportWide(unknowns, view)
      .split('\n')
      .filter((line) => line.startsWith('unknown '));
    expect(unknown).toHaveLength(unknowns.summary.inconclusive);
    expect(renderReportWide(healthy, view)).toMatch(/^exit 0: PASS: .*\n$/);
  });

  test('of a trace and of a diff', async () => {
    expect(renderTraceWide(await brokenTrace(), view)).toMatch(/^n2 +ClusterIP \S+ +different +\S+ +\d+\/\d+ /m);
    expect(renderDiffWide(await diffDocument(), view)).toMatch(/^changed +n1, n2 +Service default\/external +\S/m);
  });

  test('columns line up, whatever they hold', () => {
    const lines = renderReportWide(withTextEverywhere(broken, 'a  \u202eb\n'.repeat(500)), view)
      .trimEnd()
      .split('\n');
    const at = lines[0]?.indexOf('MESSAGE') ?? 0;
    for (const line of lines.slice(1, -1))
      expect(
        Array.from(line)
          .slice(at - 3, at)
          .join(''),
      ).toBe('   ');
  });

  test('ASCII is ASCII', () => {
    expect(renderReportWide(broken, { ...view, unicode: false })).toMatch(/^[\n -~]*$/);
  });
});
