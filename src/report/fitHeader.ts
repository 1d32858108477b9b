import { durationText } from '../text/durationText.ts';
import { truncateMiddle } from '../text/truncate.ts';
import { visible } from '../text/visible.ts';
import { columnsOf } from '../text/wrap.ts';

export interface HeaderOptions {
  /** Columns; undefined: as many as it takes. */
  readonly width: number | undefined;
  readonly separator: string;
}

/** A part of a header. */
export interface Part {
  readonly text: string;
  /** The greater, the longer it stays. */
  readonly rank: 0 | 1 | 2 | 3;
}

/** Columns of a name by which it is still recognized. */
const nameColumns = 24;

/**
 * A header in one line: where it is too much, what is known anyway goes first, and then the middle of the name.
 *
 * @param partsOf with at most so many columns for the name
 * @param most columns of the whole name
 */
export function fitHeader(
  partsOf: (columns: number) => readonly Part[],
  most: number,
  { width, separator }: HeaderOptions,
): string {
  const lineOf = (least: number, name: number): string =>
    partsOf(name)
      .filter(({ rank }) => rank >= least)
      .map(({ text }) => text)
      .join(separator);
  if (width === undefined) return lineOf(0, most);
  const free = (least: number): number => width - columnsOf(lineOf(least, 0));
  const least = [0, 1, 2].find((rank) => free(rank) >= Math.min(nameColumns, most)) ?? 3;
  return lineOf(least, Math.max(free(least), Math.min(nameColumns, most)));
}

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
