import { durationText } from '../text/durationText.ts';
import { count } from '../text/plural.ts';
import { truncateMiddle } from '../text/truncate.ts';
import { visible } from '../text/visible.ts';
import { columnsOf } from '../text/wrap.ts';
import type { ReportDocument } from './ReportDocument.ts';

export interface HeaderOptions {
  /** Columns; undefined: as many as it takes. */
  readonly width: number | undefined;
  readonly separator: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Columns of a name by which it is still recognized. */
const nameColumns = 24;

/**
 * What was read, in one line: context or file, age, versions, sizes and the time that it took. Where that is too much,
 * what is known anyway goes first, and then the middle of the name.
 */
export function headerLine(report: ReportDocument, { width, separator, now }: HeaderOptions): string {
  const lineOf = (least: number, name: number): string =>
    partsOf(report, now, name)
      .filter(({ rank }) => rank >= least)
      .map(({ text }) => text)
      .join(separator);
  const most = nameOf(report).length;
  if (width === undefined) return lineOf(0, most);
  const free = (least: number): number => width - columnsOf(lineOf(least, 0));
  const least = [0, 1, 2].find((rank) => free(rank) >= Math.min(nameColumns, most)) ?? 3;
  return lineOf(least, Math.max(free(least), Math.min(nameColumns, most)));
}

interface Part {
  readonly text: string;
  /** The greater, the longer it stays. */
  readonly rank: number;
}

function partsOf(report: ReportDocument, now: number, most: number): Part[] {
  const { command, cluster, durationMs, timeLimitMs, source, takenAt } = report;
  const { ciliumVersions, kubernetesVersion, services } = cluster;
  const isLive = source.kind === 'live';
  const age = isLive ? '' : `, ${ageOf(takenAt, now)}`;
  const versions = ciliumVersions.map(visible);
  const limit = timeLimitMs === undefined ? '' : ` of ${durationText(timeLimitMs)}`;
  return [
    { text: `kubectl kpr ${command}`, rank: 0 },
    { text: (most === 0 ? '' : truncateMiddle(nameOf(report), most)) + age, rank: 3 },
    ...(versions.length === 0 ? [] : [{ text: `Cilium ${versions.join(', ')}`, rank: 3 }]),
    ...(kubernetesVersion === null
      ? []
      : [{ text: `Kubernetes ${visible(kubernetesVersion.replace(/^v/, ''))}`, rank: 2 }]),
    {
      text: [count(cluster.nodes, 'node'), ...(services === null ? [] : [count(services, 'Service')])].join(', '),
      rank: 3,
    },
    { text: `${(durationMs / 1000).toFixed(1)} s${limit}`, rank: isLive ? 2 : 1 },
  ];
}

const nameOf = ({ source, cluster }: ReportDocument): string =>
  visible(source.kind === 'live' ? (cluster.context ?? cluster.server ?? 'live') : baseName(source.file));

const baseName = (file: string): string => file.replace(/\/+$/, '').replace(/^.*\//s, '');

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** `9 hours old`; the time itself where that says nothing. */
export function ageOf(takenAt: string, now: number): string {
  const age = now - Date.parse(takenAt);
  if (!Number.isFinite(age) || age < -minute) return `of ${visible(takenAt)}`;
  if (age < 2 * minute) return 'just taken';
  if (age < 2 * hour) return `${Math.round(age / minute)} minutes old`;
  return age < 2 * day ? `${Math.round(age / hour)} hours old` : `${Math.round(age / day)} days old`;
}
