import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kubeProxyDifferencesPage, pagePath } from '../../pkg/kubeProxyDifferencesPage.ts';
import { kubeProxyDifferences } from '../../src/knowledge/kubeProxyDifferences.ts';

test('the page in docs is what the data say; `node pkg/kubeProxyDifferencesPage.ts` writes it anew', () => {
  expect(readFileSync(pagePath, 'utf8')).toBe(kubeProxyDifferencesPage());
});

test('every difference is on the page once, under its kind', () => {
  const [, rows = '', behaviour = ''] = kubeProxyDifferencesPage().split(/^## /m);
  for (const [name, { seen }] of Object.entries(kubeProxyDifferences)) {
    const heading = `(\`${name}\`)\n`;
    expect([rows, behaviour].map((part) => part.split(heading).length - 1)).toEqual(seen === 'rows' ? [1, 0] : [0, 1]);
  }
});
