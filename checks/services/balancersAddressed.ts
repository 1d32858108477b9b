import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr5013 } from './problems/KPR5013.ts';
import { groupsOf } from './unservedServices.ts';

/** Longer than any controller or cloud that gives addresses needs. */
const patienceMs = 5 * 60_000;

/**
 * Without an address there is no frontend that anybody could miss: tables are right, and clients wait. One with a name
 * in place of an address is served by whoever gave the name.
 */
export const balancersAddressed = defineCheck({
  id: 'balancers-addressed',
  title: 'Services of type LoadBalancer have an address',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5013],
  requires: { cluster: ['services'] },
  run({ cluster, evidence, frame: { takenAt } }) {
    const balancers = cluster.services.filter(({ spec }) => spec?.type === 'LoadBalancer');
    if (balancers.length === 0) return notApplicable('no Service is of type LoadBalancer');
    const without = balancers.filter(({ status }) => (status?.loadBalancer?.ingress ?? []).length === 0);
    const refusal = without.map((service) => refusalIn(service)).find((reason) => reason !== undefined);
    // Where one is told that there is none, the others will be, too.
    const pending = without.filter((service) => refusal !== undefined || isLate(service, Date.parse(takenAt)));
    return passUnless(
      groupsOf(pending, (service) => refusalIn(service) ?? refusal).flatMap((group) => {
        const [first] = group;
        if (first === undefined) return [];
        const objects = group.map(({ metadata: { namespace = '', name } }) => ({ kind: 'Service', namespace, name }));
        const services = listFirst(
          objects.map(({ namespace, name }) => `${namespace}/${name}`),
          5,
        );
        const reason = refusalIn(first) ?? refusal;
        const about = { objects, evidence: [evidence('services', reason ?? 'status.loadBalancer: {}')] };
        if (reason === undefined) return [finding(kpr5013, 'pending', { services }, about)];
        return [finding(kpr5013, 'refused', { services, reason }, about)];
      }),
    );
  },
});

const isLate = ({ metadata }: Service, now: number): boolean =>
  !(now - Date.parse(metadata.creationTimestamp ?? '') < patienceMs);

/** Why Cilium's LB-IPAM gives it none, in its own words; undefined: it does not say so. */
function refusalIn({ status }: Service): string | undefined {
  const condition = status?.conditions?.find(({ type }) => type === 'cilium.io/IPAMRequestSatisfied');
  return condition?.status === 'False' ? (condition.message ?? condition.reason) : undefined;
}
