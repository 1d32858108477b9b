import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findingsPage, pagePath } from '../../pkg/findingsPage.ts';
import type { RaisedProblem, Variant } from '../../src/core/Problem.ts';
import { problemTexts } from '../support/problemTexts.ts';

test('docs/findings.md says what the problems say (npm run docs)', () => {
  expect(readFileSync(pagePath, 'utf8')).toBe(findingsPage());
});

const aProblem = (variant: Partial<Variant> = {}, more: Partial<RaisedProblem> = {}): RaisedProblem => ({
  code: 'KPR1001',
  severity: 'error',
  title: 'Something is wrong',
  brief: 'something is wrong',
  phases: ['doctor', 'verify'],
  symptom: 'It does not work.',
  cause: 'It is broken.',
  harm: 'now',
  confirm: 'kubectl -n {{namespace}} get pods',
  variants: { one: { message: '{{count}} rows are wrong', remedy: { steps: [] }, ...variant } },
  ...more,
});
const linesOf = (...all: readonly RaisedProblem[]): string[] => findingsPage(all).split('\n');

describe('the page', () => {
  test('lists every code, with a link to its section', () => {
    const lines = linesOf(aProblem({}, { severity: 'warning' }), aProblem({}, { code: 'KPR2001' }));
    expect(lines.filter((line) => line.startsWith('| [KPR'))).toEqual([
      '| [KPR1001](#kpr1001) | warning | Something is wrong |',
      '| [KPR2001](#kpr2001) | error | Something is wrong |',
    ]);
    expect(lines.filter((line) => line.startsWith('## '))).toEqual(['## KPR1001', '## KPR2001', '## Reserved codes']);
  });

  test('says all of a finding', () => {
    const step = {
      text: 'Restart {{agentPod}}',
      command: 'kubectl delete pod {{agentPod}}',
      where: 'node',
      risk: 'none',
    } as const;
    const lines = linesOf(
      aProblem(
        {
          severity: 'info',
          harm: 'note',
          remedy: { steps: [step], check: 'kubectl kpr verify', undo: 'undo it' },
          alternatives: [
            { title: 'wait', steps: [{ ...step, precondition: { text: 'it holds', command: 'test -e it' } }] },
          ],
        },
        { layer: 'map', mayFollowFrom: [{ code: 'KPR1002', by: 'node' }], explainsUnknown: 'node' },
      ),
    );
    expect(lines.slice(lines.indexOf('## KPR1001') + 2, lines.indexOf('## Reserved codes'))).toEqual([
      '**Something is wrong** (error, harm now, found by doctor, verify)',
      '',
      '- symptom: It does not work.',
      '- cause: It is broken.',
      '- confirm: kubectl -n NAMESPACE get pods',
      '- wrong first: the eBPF maps',
      '- may follow from: [KPR1002](#kpr1002) on the same node',
      '- explains unknown results: those of the same nodes',
      '',
      '> COUNT rows are wrong (info, a note)',
      '',
      '1. Restart AGENT_POD (on the node): `kubectl delete pod AGENT_POD`; risk: none',
      '- check: `kubectl kpr verify`',
      '- undo: `undo it`',
      '',
      'Or wait:',
      '',
      '1. Restart AGENT_POD (on the node): `kubectl delete pod AGENT_POD`; only if it holds, which `test -e it` proves; risk: none',
      '',
    ]);
  });

  test('keeps commands whole that hold what Markdown would take for its own', () => {
    const command = 'echo `uname -r` "$(cat ``x``)"';
    expect(linesOf(aProblem({ remedy: { steps: [], check: command } }))).toContain(`- check: \`\`\` ${command} \`\`\``);
    expect(linesOf(aProblem({}, { title: 'a | b' }))).toContain(String.raw`| [KPR1001](#kpr1001) | error | a \| b |`);
  });

  test('no text of ours breaks a line of it', () => {
    expect([...problemTexts()].filter(({ text }) => text.includes('\n'))).toEqual([]);
    expect(findingsPage()).not.toContain('{{');
  });
});
