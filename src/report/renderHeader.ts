import { durationText } from '../text/durationText.ts';
import { truncateMiddle } from '../text/truncate.ts';
import { visible } from '../text/visible.ts';
import { columnsOf, glued } from '../text/wrap.ts';
import type { Page } from './Page.ts';

/** What was read, and how; below it stands what follows from it. */
export interface Header {
  /** The command, which everybody knows who has just typed it. */
  readonly typed: string;
  /** Columns of the whole name of the cluster, or of the file. */
  readonly nameColumns: number;
  /** @param columns at most so many for the name */
  readonly facts: (columns: number) => readonly string[];
}

/** Columns of a name by which it is still recognized. */
const leastName = 24;

/**
 * In one row if that can be: where it is too much, the command goes first, and then the middle of the name. What is
 * still too much takes more rows, and the blank one below them: no fact is left out, and the answer stands as high.
 */
export function renderHeader(page: Page, header: Header): void {
  const before = page.rows;
  page.prose(fitHeader(header, page), { paint: 'dim' });
  if (page.rows === before + 1) page.blank();
}

function fitHeader({ typed, nameColumns, facts }: Header, { width = Infinity, symbols }: Page): string {
  const { separator } = symbols;
  const whole = [typed, ...facts(nameColumns)].join(separator);
  if (columnsOf(whole) <= width) return whole;
  const least = Math.min(leastName, nameColumns);
  const free = width - columnsOf(facts(0).join(separator));
  return free >= least ? facts(free).join(separator) : inRows(facts(least), separator, width);
}

/** Facts stay whole as far as a row can hold them. */
const inRows = (facts: readonly string[], separator: string, width: number): string =>
  facts
    .map((fact, i) => {
      const closed = i === facts.length - 1 ? fact : fact + separator.trimEnd();
      return columnsOf(closed) <= width ? glued(closed) : closed;
    })
    .join(' ');

/** A name, shortened in its middle; nothing where there is no room at all. */
export const shortName = (name: string, columns: number): string =>
  columns === 0 ? '' : truncateMiddle(name, columns);

/** A file without its folders, safe to print. */
export const baseName = (file: string): string => visible(file.replace(/\/+$/, '').replace(/^.*\//s, ''));

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** `9 hours old`; the time itself where that says nothing. @param now milliseconds since 1970 */
export function ageOf(takenAt: string, now: number): string {
  const age = now - Date.parse(takenAt);
  if (!Number.isFinite(age) || age < -minute) return `of ${visible(takenAt)}`;
  if (age < 2 * minute) return 'just taken';
  if (age < 2 * hour) return `${Math.round(age / minute)} minutes old`;
  return age < 2 * day ? `${Math.round(age / hour)} hours old` : `${Math.round(age / day)} days old`;
}

/** For a page that is read later: `2026-11-20 14:03 UTC`. */
export function timeText(takenAt: string): string {
  const time = Date.parse(takenAt);
  return Number.isNaN(time) ? takenAt : `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `33 s apart`; undefined: one of them is no time. */
export function apartText(before: string, after: string): string | undefined {
  const ms = Math.abs(Date.parse(after) - Date.parse(before));
  if (!Number.isFinite(ms)) return undefined;
  if (ms < 2 * minute) return `${durationText(Math.round(ms / 1000) * 1000)} apart`;
  if (ms < 2 * hour) return `${Math.round(ms / minute)} minutes apart`;
  return ms < 2 * day ? `${Math.round(ms / hour)} hours apart` : `${Math.round(ms / day)} days apart`;
}

/** `Kubernetes 1.36.3`, of the `v1.36.3` that the API says. */
export const kubernetesText = (version: string): string => `Kubernetes ${version.replace(/^v/, '')}`;
