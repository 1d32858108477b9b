import { truncate } from '../../text/truncate.ts';
import { visible, visibleLines } from '../../text/visible.ts';
import { longestText } from './markup.ts';

/*
 * Markdown for tickets and chats: what came from outside stands as words without any mark, or as code. No escapes are
 * used, because each place knows others.
 */

/** A sentence in one line: each word that could mean something to Markdown, or call somebody, is code. */
export const prose = (text: string): string =>
  visible(truncate(text.replaceAll(/\s+/g, ' ').trim(), longestText))
    .split(' ')
    .map(wordOf)
    .join(' ');

function wordOf(word: string): string {
  if (isPlain(word)) return word;
  const [, before = '', inner = '', after = ''] = /^([“(]*)(.*?)([”),.;:]*)$/su.exec(word) ?? [];
  return inner === '' ? code(word) : before + (isPlain(inner) ? inner : code(inner)) + after;
}

/** No mark, no link, no name behind an @, no emoji between colons. */
const isPlain = (word: string): boolean =>
  /^[\p{L}\p{N},.;:’“”()%/·–—…'+-]*$/u.test(word) && !/:\/\/|^www\.|^[-+]+$|:[\w+-]+:/i.test(word);

/** Between more backticks than there are in it. */
export function code(text: string): string {
  const shown = visible(truncate(text, longestText));
  if (shown === '') return '';
  const ticks = '`'.repeat(longestRun(shown) + 1);
  const pad = /^`|`$/.test(shown) ? ' ' : '';
  return `${ticks}${pad}${shown}${pad}${ticks}`;
}

/** Lines as they are. As a `diff`, lines that begin with + or - are coloured where that is known. */
export function block(text: string, indent = '', language: '' | 'diff' = ''): string {
  const lines = visibleLines(truncate(text, longestText));
  const fence = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return [fence + language, ...lines, fence].map((line) => `${indent}${line}`.trimEnd()).join('\n');
}

const longestRun = (text: string): number =>
  [...text.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 0);

/** Parts with an empty line between them. */
export const paragraphs = (parts: readonly string[]): string => `${parts.filter((part) => part !== '').join('\n\n')}\n`;
