import { codes } from '../knowledge/codes.ts';
import type { Finding } from './Finding.ts';
import type { CheckResult } from './runChecks.ts';

/**
 * The results without the findings that are about Services of other namespaces only. What is about nodes, agents or the
 * cluster stays, because Services of every namespace depend on it; so do the checks, which looked at everything.
 */
export const inNamespace = (results: readonly CheckResult[], namespace: string): CheckResult[] =>
  results.map((one) => {
    if (one.result !== 'fail') return one;
    const { check, unknowns } = one;
    const findings = one.findings.filter((finding) => !isElsewhere(finding, namespace));
    if (findings.length > 0) return { check, result: 'fail', findings, unknowns };
    if (unknowns.length > 0) return { check, result: 'unknown', unknowns, isPartial: true };
    return { check, result: 'pass' };
  });

function isElsewhere({ code, objects }: Finding, namespace: string): boolean {
  if (codes[code].area === 'dns') return false; // Every namespace depends on cluster DNS, wherever its Service is.
  const services = objects.filter(({ kind }) => kind === 'Service');
  return services.length > 0 && services.every((service) => service.namespace !== namespace);
}
