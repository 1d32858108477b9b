// Writes docs/kube-proxy-differences.md from src/knowledge/kubeProxyDifferences.ts; a test fails while
// the page is older.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KubeProxyDifference, kubeProxyDifferences } from '../src/knowledge/kubeProxyDifferences.ts';

export const pagePath = join(import.meta.dirname, '..', 'docs', 'kube-proxy-differences.md');

/** What moves from kube-proxy to Cilium's replacement unchanged, and what on purpose does not, as Markdown. */
export function kubeProxyDifferencesPage(
  all: Readonly<Record<string, KubeProxyDifference>> = kubeProxyDifferences,
): string {
  const of = (seen: KubeProxyDifference['seen']): string[] =>
    Object.entries(all)
      .filter(([, difference]) => difference.seen === seen)
      .flatMap(([name, difference]) => section(name, difference));
  return [
    '# kube-proxy and its replacement: intended differences',
    '',
    'For every address of a Service that both serve, Cilium sends connections to the same backends as kube-proxy, with the same',
    'stickiness and the same source ranges, but for what is listed here. Every other difference is an error of one of the two.',
    'The comparison looks at connections from outside, from pods and from the node itself, each for itself.',
    '',
    '## Differences of the tables',
    '',
    'The name in brackets stands with a difference that is found.',
    ...of('rows'),
    '',
    '## Differences that the tables do not show',
    ...of('behaviour'),
    '',
  ].join('\n');
}

const section = (
  name: string,
  { title, kubeProxy, cilium, consequence, versions }: KubeProxyDifference,
): readonly string[] => [
  '',
  `### ${title} (\`${name}\`)`,
  '',
  `- kube-proxy: ${kubeProxy}`,
  `- Cilium${versions === undefined ? '' : ` ${versions}`}: ${cilium}`,
  ...(consequence === undefined ? [] : [`- what follows: ${consequence}`]),
];

if (import.meta.main) writeFileSync(pagePath, kubeProxyDifferencesPage());
