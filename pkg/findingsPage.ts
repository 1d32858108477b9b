// `npm run docs`: docs/findings.md from the texts of src/knowledge; a test holds the page against them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../src/knowledge/Problem.ts';
import { problems } from '../src/knowledge/problems/index.ts';

export const pagePath = join(import.meta.dirname, '..', 'docs', 'findings.md');

export function findingsPage(all: Readonly<Record<string, Problem>> = problems): string {
  const codes = Object.entries(all).sort(([a], [b]) => a.localeCompare(b));
  return [
    '# Findings\n',
    'Each code means one thing for ever. `kubectl kpr explain CODE` prints the same.\n',
    '| code | severity | finding |\n|---|---|---|',
    ...codes.map(([code, { severity, title }]) => `| [${code}](#${code.toLowerCase()}) | ${severity} | ${title} |`),
    ...codes.map(([code, problem]) => section(code, problem)),
  ].join('\n');
}

const section = (code: string, { title, symptom, cause, confirm, variants }: Problem): string =>
  [
    `\n## ${code}`,
    `**${title}**\n`,
    `*Noticed as:* ${symptom}\n`,
    `*Cause:* ${cause}\n`,
    `*Confirmed by:* ${confirm}\n`,
    ...Object.values(variants).map(
      ({ message, steps, check, undo }) =>
        `- ${code_(message)}\n${steps.map(({ text, command, risk }) => `  - ${text}${command === undefined ? '' : `: \`${command}\``}${risk === undefined ? '' : ` (${risk})`}`).join('\n')}${check === undefined ? '' : `\n  - check: \`${check}\``}${undo === undefined ? '' : `\n  - undo: \`${undo}\``}`,
    ),
  ].join('\n');

/** Placeholders as people write them. */
const code_ = (text: string): string => text.replaceAll(/\{\{(\w+)\}\}/g, '‹$1›');

if (import.meta.main) writeFileSync(pagePath, `${findingsPage()}\n`);
