import { changeMarkdown } from './changeMarkdown.ts';
import { code, prose } from '../formats/markdown.ts';
import type { KeyReport, PreflightDocument, ValuesTarget } from './PreflightDocument.ts';

/** The answer of `preflight` to paste into a ticket: boxes to tick, and what was verified ticked. */
export function renderMarkdown({ verdict, values, change }: PreflightDocument): string {
  const lines = [
    `## Preflight: ${words[verdict]}`,
    ...(change === null ? [] : ['', ...changeMarkdown(change)]),
    ...(values?.targets.flatMap(targetLines) ?? []),
  ];
  return `${lines.join('\n')}\n`;
}

const words: Readonly<Record<PreflightDocument['verdict'], string>> = {
  go: 'go',
  noGo: 'no-go',
  unknown: 'not known',
};

const targetLines = ({ branch, keys }: ValuesTarget): readonly string[] => [
  '',
  `### Helm values for Cilium ${prose(branch)}`,
  ...(keys.length === 0 ? ['- [x] every key is taken as it is meant'] : keys.map(keyLine)),
];

function keyLine({ key, severity, place, message, right }: KeyReport): string {
  const where = place === null ? '' : ` (${prose(place.file)}:${place.line})`;
  const instead = right === null ? '' : `; instead: ${code(right)}`;
  return `- [ ] ${severity} ${code(key)}${where}: ${prose(message)}${instead}`;
}
