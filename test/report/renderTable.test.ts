import type { View } from '../../src/report/View.ts';
import { Chalk } from 'chalk';
import { assert, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderTable } from '../../src/report/renderTable.ts';
import type { ReportDocument, UnknownReport } from '../../src/report/ReportDocument.ts';
import type { Style } from '../../src/text/Style.ts';
import { aFindingReport, broken, healthy, unknowns } from './documents.ts';

const chalk = new Chalk({ level: 0 });
const paint: Style['paint'] = {
  error: chalk.red,
  warning: chalk.red,
  info: chalk.red,
  ok: chalk.red,
  unknown: chalk.red,
  dim: chalk.dim,
  bold: chalk.bold,
};
const plain: View = {
  width: undefined,
  unicode: true,
  paint,
  detail: 'normal',
  now: Date.parse('2026-01-02T05:04:05Z'),
};

describe('golden reports', () => {
  const reports = { healthy, broken, unknowns };
  const styles = {
    pipe: {},
    '80': { width: 80 },
    '40': { width: 40 },
    '40-ascii': { width: 40, unicode: false },
    verbose: { detail: 'verbose' },
    quiet: { detail: 'quiet' },
  } as const;
  const cases = Object.entries(reports).flatMap(([name, report]) =>
    Object.entries(styles).map(([style, options]) => [name, style, report, options] as const),
  );
  test.each(cases)('%s, %s', async (name, style, report, options) => {
    await expect(renderTable(report, { ...plain, ...options })).toMatchFileSnapshot(`golden/${name}.${style}.golden`);
  });
});

const linesOf = (report: ReportDocument, options: Partial<View> = {}): string[] =>
  renderTable(report, { ...plain, ...options }).split('\n');

const gone = (node: string, detail: string): UnknownReport => ({
  node,
  reason: 'unreachable',
  detail,
  blockedBy: null,
});

describe('what is promised to people', () => {
  test('the last line holds the exit code and the reason, whatever the width', () => {
    expect(linesOf(broken).at(-2)).toBe(
      'exit 1: the agents do not reach the API server, and 1 more. kubectl kpr explain KPR2002',
    );
    expect(linesOf(healthy).at(-2)).toBe('exit 0: nothing wrong on 12 nodes');
    // A command is held together; it goes to the next line as a whole.
    expect(linesOf(broken, { width: 60 }).slice(-3, -1)).toEqual([
      'exit 1: the agents do not reach the API server, and 1 more.',
      'kubectl kpr explain KPR2002',
    ]);
  });

  test('the last line says when nothing was examined, or nothing judged', () => {
    const error = { message: 'None of the 12 nodes could be read; n1: no answer', hint: 'Try kubectl exec' };
    expect(linesOf({ ...broken, verdict: 'error', exitCode: 2, error }).at(-2)).toBe(
      'exit 2: None of the 12 nodes could be read; the agents do not reach the API server, and 1 more. kubectl kpr explain KPR2002',
    );
    expect(linesOf({ ...healthy, verdict: 'error', exitCode: 2, error }).at(-2)).toBe(`exit 2: ${error.message}`);
    const checks = healthy.checks.map((one) => Object.assign({}, one, { result: 'skipped' }));
    expect(linesOf({ ...healthy, verdict: 'unknown', exitCode: 3, checks }).at(-2)).toBe(
      'exit 3: nothing wrong was found, but nothing was judged',
    );
  });

  test('how many connections were tried, and how many were not, is said', () => {
    const totals = { planned: 2, tried: 2, answered: 1, failed: 1, ratePerSecond: 50 };
    const of = (pairs: number): string =>
      renderTable({ ...healthy, connections: { pairs, totals, tried: [], unable: [] } }, plain);
    expect(of(0)).toContain('\nconnected: 1 of 2 connections answered\n');
    expect(of(9)).toContain('answered; 9 of 9 pairs of a place and an address were not tried\n');
    expect(linesOf(healthy).join('\n')).not.toContain('connected');
  });

  test('what is new, or suppressed, is no objection to what is healthy', () => {
    const baseline = { takenAt: healthy.takenAt, failOnNew: true, known: 2, new: 0, gone: [] };
    expect(linesOf({ ...healthy, baseline }).at(-2)).toBe(
      'exit 0: nothing wrong on 12 nodes; 0 new since the baseline',
    );
    expect(linesOf({ ...broken, baseline }).at(-2)).toMatch(/, and 1 more; 0 new since the baseline\. kubectl/);
  });

  test('what is wrong in several ways of the same words is named once', () => {
    const findings = ['list', 'exec'].map((variant) => aFindingReport({ variant, nodes: [], brief: 'not allowed' }));
    expect(linesOf({ ...broken, findings })[2]).toBe('✖ FAIL: not allowed');
  });

  test('nodes whose findings are not shown are named in the line that counts them, as far as it goes', () => {
    const nodes = Array.from({ length: 20 }, (_, i) => `n${i + 1}`);
    const findings = nodes.map((node) => aFindingReport({ nodes: [node], message: `lost on ${node}` }));
    const counted = (width: number | undefined): string | undefined =>
      linesOf({ ...healthy, verdict: 'fail', exitCode: 1, findings }, { width }).find((line) =>
        /and \d+ more \(-v\)/.test(line),
      );
    expect(counted(undefined)?.trim()).toBe(
      'and 14 more (-v): n7, n8, n9, n10, n11, n12, n13, n14, n15, n16 and 4 more',
    );
    expect(counted(40)).toMatch(/^ {8}and 1[4-9] more \(-v\): n\d.*…$/);
  });

  test('what must hold before a command is said on terminals of any width', () => {
    const precondition = { text: `${'agents that start reach the API server, '.repeat(3)}always`, command: 'true' };
    const step = {
      text: 'Restart it',
      where: 'workstation',
      precondition,
      commands: [{ command: 'restart it' }],
    } as const;
    const long = 'lost again and again '.repeat(20);
    const evidence = [{ command: long, excerpt: `${long}\n`.repeat(9) }];
    const finding = aFindingReport({ message: long, evidence, remedy: { steps: [step, step] } });
    for (const width of [undefined, 120, 80, 60, 40]) {
      const text = renderTable({ ...broken, findings: [finding] }, { ...plain, width });
      expect(text.split('only if agents that start').length - 1, `${width}`).toBe(text.split('restart it').length - 1);
      expect(text).toContain('only if agents');
    }
  });

  test('no reason why nodes are unknown hides behind another', () => {
    const refused = (node: string, address: string) => gone(node, `${node}: dial tcp ${address}:10250: refused`);
    const unknown = [
      gone('n1', 'removed'),
      refused('n2', '10.0.0.2'),
      refused('n3', '10.0.0.3'),
      gone('n4', 'replaced'),
    ];
    const lineOf = (all: readonly UnknownReport[]): string | undefined =>
      linesOf({ ...unknowns, checks: [{ ...first, result: 'unknown', unknown: all }] }).find((line) =>
        line.includes('not reachable'),
      );
    const [first = expect.fail('no check')] = unknowns.checks;
    expect(lineOf(unknown)).toBe(
      `? not reachable, so not judged: ${first.id} (2 nodes: …: dial tcp …:10250: refused; n1: removed; n4: replaced)`,
    );
    expect(lineOf([...unknown, gone('n5', 'lost'), gone('n6', 'asleep')])).toMatch(/n4: replaced; 2 other reasons\)$/);
  });

  test('a healthy report is short', () => {
    expect(linesOf(healthy).length).toBeLessThan(13);
  });

  test('whoever reads only the first line and the last knows what is broken, where and whom it hits', () => {
    expect(linesOf(broken)[2]).toBe('✖ FAIL: the agents do not reach the API server; something brings kube-proxy back');
    const named = aFindingReport({ nodes: ['n1'], objects: [{ kind: 'Service', namespace: 'shop', name: 'cart' }] });
    expect(linesOf({ ...broken, findings: [named] })[2]).toBe(
      '✖ FAIL: socket load balancing is not attached on n1; hits shop/cart',
    );
  });

  test('commands can be pasted at any width, and nothing is wider than the terminal', () => {
    const commands = broken.findings.flatMap(({ remedy }) => [
      ...remedy.steps.flatMap((step) => step.commands.slice(0, 2).map(({ command }) => command)),
      ...(remedy.check === undefined ? [] : [remedy.check]),
    ]);
    for (const width of [undefined, 80, 40]) {
      const text = renderTable(broken, { ...plain, width, detail: 'verbose' });
      const pasted = text.replaceAll(/ \\\n +/g, ' ');
      for (const command of commands) expect(pasted).toContain(command);
    }
    const lines = linesOf(broken, { width: 60 });
    expect(lines.filter((line) => Array.from(line).length > 60)).toEqual([]);
  });

  test('colour adds nothing but colour', () => {
    const colors = new Chalk({ level: 1 });
    const painted = { ...paint, error: colors.red, dim: colors.dim, bold: colors.bold };
    const text = renderTable(broken, { ...plain, paint: painted });
    expect(text).toContain('\u001b[31m');
    // oxlint-disable-next-line no-control-regex
    expect(text.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderTable(broken, plain));
  });

  test('ASCII is ASCII', () => {
    for (const report of [healthy, broken, unknowns]) {
      expect(renderTable(report, { ...plain, unicode: false, detail: 'verbose' })).toMatch(/^[\n -~]*$/);
    }
  });
});

/** The document with the same text in every place that may come from a cluster or an archive. */
const everywhere = (text: string): ReportDocument => ({
  ...broken,
  source: { kind: 'sysdump', file: text },
  takenAt: text,
  cluster: {
    ...broken.cluster,
    context: text,
    server: text,
    kubernetesVersion: text,
    ciliumVersions: [text],
    ciliumNamespace: text,
  },
  coverage: { nodes: { ...broken.coverage.nodes, read: 1, excluded: [{ node: text, why: text }] }, frontends: null },
  checks: [
    {
      id: 'a',
      title: text,
      area: 'agents',
      result: 'unknown',
      reason: text,
      codes: [],
      unknown: [{ node: text, reason: 'unparsed', detail: text, blockedBy: text }],
    },
  ],
  findings: [
    aFindingReport({
      message: text,
      title: text,
      nodes: [text],
      objects: [{ kind: text, namespace: text, name: `${text}x` }],
      expected: text,
      found: text,
      evidence: [{ node: text, command: text, excerpt: text }],
      remedy: {
        steps: [{ text, where: 'node', risk: text, commands: [{ node: text, command: text }] }],
        check: text,
        undo: text,
      },
    }),
  ],
});

describe('text from the cluster', () => {
  const detail = 'verbose';
  // oxlint-disable-next-line no-control-regex
  const acts = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

  test.each([
    ['an escape sequence', '\u001b[2J\u001b]0;title\u0007', '\\x1b[2J\\x1b]0;title\\x07'],
    ['C1 control sequence introducer', '\u009b31m', '\\x9b31m'],
    ['delete', 'a\u007fb', 'a\\x7fb'],
    ['carriage return', 'bad\rgood', 'bad\\rgood'],
    ['override of direction', '\u202Etxt', '\\u{202e}txt'],
    ['isolate of direction', '\u2066txt\u2069', '\\u{2066}txt\\u{2069}'],
    ['half of a surrogate pair', 'a\ud800b', 'a\\u{d800}b'],
  ])('%s is shown, not acted on', (_, text, shown) => {
    for (const unicode of [true, false]) {
      const table = renderTable(everywhere(text), { ...plain, detail, unicode });
      expect(table).not.toMatch(acts);
      // In every place: message, objects, nodes, evidence, steps, unknowns, header, …
      expect(table.split(shown).length - 1).toBeGreaterThan(15);
    }
  });

  test('any text at all', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        expect(renderTable(everywhere(text), { ...plain, detail, width: 60 })).not.toMatch(acts);
      }),
      { numRuns: 200 },
    );
  });

  test('a line break in a message makes no line of its own', () => {
    const forged = { ...broken, findings: [aFindingReport({ message: 'bad\nexit 0: nothing found' })] };
    expect(linesOf(forged)).not.toContain('exit 0: nothing found');
  });
});

test('of long evidence, the line that decides is shown', () => {
  const lines = Array.from({ length: 9 }, (_, i) => `line ${i}`);
  const evidence = [{ command: 'show', excerpt: lines.join('\n'), decides: 7 }];
  const text = renderTable({ ...broken, findings: [aFindingReport({ evidence })] }, plain);
  expect(lines.filter((line) => text.includes(line))).toEqual(lines.slice(5, 8));
  expect(text).toContain('and 6 more lines');
});

test('a step says what must hold first, and other ways stand behind the first', () => {
  const step = { text: 'Delete it', where: 'workstation', commands: [{ command: 'kubectl delete it' }] } as const;
  const precondition = { text: 'nobody needs it', command: 'test ! -e need' };
  const finding = aFindingReport({
    remedy: { steps: [{ ...step, precondition }], check: 'look' },
    alternatives: [{ title: 'let it expire', steps: [{ ...step, text: 'Wait', commands: [] }] }],
  });
  const text = renderTable({ ...broken, findings: [finding] }, plain);
  const words = [
    'Delete it',
    'only if nobody needs it',
    'test ! -e need && kubectl delete it',
    'look',
    'or',
    'let it expire: kubectl kpr explain',
  ];
  const places = words.map((word) => text.indexOf(word, text.indexOf('Delete it')));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test('where kubectl does not know the program, commands call it as it was called', () => {
  const text = renderTable(broken, { ...plain, program: 'npm start --' });
  expect(text).toContain('npm start -- doctor');
  expect(text).toMatch(/^exit 1: .* npm start -- explain KPR\d{4}$/m);
  expect(text).not.toContain('kubectl kpr');
});
