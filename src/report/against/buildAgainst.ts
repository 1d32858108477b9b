import type { BaselineComparison, ServiceOutcome } from '../../expect/against/BaselineComparison.ts';
import { type KubeProxyDifference, kubeProxyDifferences } from '../../knowledge/kubeProxyDifferences.ts';
import type { DifferenceWords } from '../DifferenceWords.ts';
import type { AgainstReport } from './AgainstReport.ts';

/** The comparison as it is published, with the codes under which verify reports what differs from the API. */
export function buildAgainst(
  { before, nodes, services, lost, intended, gained, unknown }: BaselineComparison,
  codes: DifferenceWords['codes'],
): AgainstReport {
  const names = [...new Set(intended.flatMap(({ reasons }) => reasons))];
  return {
    file: before.file,
    takenAt: before.takenAt,
    modes: before.modes,
    nodes: { ...nodes, leftovers: before.leftovers },
    services: { ...services, total: services.compared.length, counts: countsOf(services.compared) },
    lost: lost.map(({ difference, ...one }) => ({ ...one, code: difference === undefined ? null : codes[difference] })),
    intended,
    reasons: names.map((name) => {
      const { title, kubeProxy, cilium, consequence }: KubeProxyDifference = kubeProxyDifferences[name];
      return { name, title, kubeProxy, cilium, consequence: consequence ?? null };
    }),
    gained,
    unknown: unknown.map(({ node, service, reason, detail }) => ({
      node: node ?? null,
      service: service ?? null,
      reason,
      detail,
    })),
  };
}

function countsOf(services: readonly ServiceOutcome[]): AgainstReport['services']['counts'] {
  const count = (wanted: ServiceOutcome['outcome']): number =>
    services.filter(({ outcome }) => outcome === wanted).length;
  return {
    same: count('same'),
    endpoints: count('endpoints'),
    service: count('service'),
    lost: count('lost'),
    unknown: count('unknown'),
  };
}
