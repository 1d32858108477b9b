import { durationText } from '../text/durationText.ts';
import { count } from '../text/plural.ts';
import { visible } from '../text/visible.ts';
import { ageOf, baseName, type Header, kubernetesText, shortName } from './renderHeader.ts';
import type { ReportDocument } from './ReportDocument.ts';

/**
 * What was read: context or file, age, versions, sizes and the time that it took.
 *
 * @param now milliseconds since 1970
 */
export function headerOf(report: ReportDocument, now: number): Header {
  const { command, cluster, durationMs, timeLimitMs, source, takenAt } = report;
  const { ciliumVersions, kubernetesVersion, services } = cluster;
  const name = source.kind === 'live' ? visible(cluster.context ?? cluster.server ?? 'live') : baseName(source.file);
  const age = source.kind === 'live' ? '' : `, ${ageOf(takenAt, now)}`;
  const versions = ciliumVersions.map(visible);
  const limit = timeLimitMs === undefined ? '' : ` of ${durationText(timeLimitMs)}`;
  return {
    typed: `kubectl kpr ${command}`,
    nameColumns: name.length,
    facts: (columns) => [
      shortName(name, columns) + age,
      ...(versions.length === 0 ? [] : [`Cilium ${versions.join(', ')}`]),
      ...(kubernetesVersion === null ? [] : [visible(kubernetesText(kubernetesVersion))]),
      [count(cluster.nodes, 'node'), ...(services === null ? [] : [count(services, 'Service')])].join(', '),
      `${(durationMs / 1000).toFixed(1)} s${limit}`,
    ],
  };
}
