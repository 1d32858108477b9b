import { durationText } from '../text/durationText.ts';
import { count } from '../text/plural.ts';
import { visible } from '../text/visible.ts';
import { ageOf, baseName, fitHeader, type HeaderOptions, type Part, shortName } from './fitHeader.ts';
import type { ReportDocument } from './ReportDocument.ts';

/**
 * What was read, in one line: context or file, age, versions, sizes and the time that it took.
 *
 * @param now milliseconds since 1970
 */
export function headerLine(report: ReportDocument, now: number, options: HeaderOptions): string {
  return fitHeader((columns) => partsOf(report, now, columns), nameOf(report).length, options);
}

function partsOf(report: ReportDocument, now: number, columns: number): readonly Part[] {
  const { command, cluster, durationMs, timeLimitMs, source, takenAt } = report;
  const { ciliumVersions, kubernetesVersion, services } = cluster;
  const isLive = source.kind === 'live';
  const age = isLive ? '' : `, ${ageOf(takenAt, now)}`;
  const versions = ciliumVersions.map(visible);
  const limit = timeLimitMs === undefined ? '' : ` of ${durationText(timeLimitMs)}`;
  return [
    { text: `kubectl kpr ${command}`, rank: 0 },
    { text: shortName(nameOf(report), columns) + age, rank: 3 },
    ...(versions.length === 0 ? [] : [{ text: `Cilium ${versions.join(', ')}`, rank: 3 } as const]),
    ...(kubernetesVersion === null
      ? []
      : [{ text: `Kubernetes ${visible(kubernetesVersion.replace(/^v/, ''))}`, rank: 2 } as const]),
    {
      text: [count(cluster.nodes, 'node'), ...(services === null ? [] : [count(services, 'Service')])].join(', '),
      rank: 3,
    },
    { text: `${(durationMs / 1000).toFixed(1)} s${limit}`, rank: isLive ? 2 : 1 },
  ];
}

const nameOf = ({ source, cluster }: ReportDocument): string =>
  source.kind === 'live' ? visible(cluster.context ?? cluster.server ?? 'live') : baseName(source.file);
