import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { knownDefectsPage, pagePath } from '../../pkg/knownDefectsPage.ts';
import { defineDefect } from '../../src/expect/defects/Defect.ts';

test('docs/known-defects.md says what the defects say (npm run docs)', () => {
  expect(readFileSync(pagePath, 'utf8')).toBe(knownDefectsPage());
});

test('a defect is told whole', () => {
  const defect = defineDefect({
    reference: '#12345',
    also: ['pkg/loadbalancer/writer'],
    affects: { '1.18': { from: '1.18.2', fixed: '1.18.5' }, '1.19': { fixed: '1.19.1' }, '1.20': { fixed: 'never' } },
    title: 'rows are lost',
    meets: 'there are rows',
    symptom: 'Nobody answers.',
    workaround: undefined,
    harm: 'trap',
    reads: [],
    explains: ['backendsMissing', 'frontendMissing'],
    condition: () => undefined,
  });
  const lines = knownDefectsPage([defect]).split('\n');
  const releases = '1.18.2 to 1.18.4, 1.19.0, 1.20.0 and later 1.20 (not repaired)';
  expect(lines).toContain(`| [#12345](#12345) | ${releases} | rows are lost |`);
  expect(lines.slice(lines.indexOf('## #12345') + 2, -1)).toEqual([
    '**Rows are lost** (warning)',
    '',
    '- told in: [cilium/cilium#12345](https://github.com/cilium/cilium/issues/12345), pkg/loadbalancer/writer of its sources (not reported)',
    `- releases: ${releases}`,
    '- where: there are rows',
    '- symptom: Nobody answers.',
    '- workaround: none is known',
    '- explains: [KPR4001](findings.md#kpr4001), [KPR4002](findings.md#kpr4002)',
  ]);
});
