import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { AgentSettings } from '../../src/expect/agent/AgentSettings.ts';
import { commonSettings } from '../../src/expect/agent/commonSettings.ts';
import { isKnown, type Missing, valueOf } from '../../src/model/Fact.ts';
import type { Deployment, Pod, Service } from '../../src/model/kubernetes.ts';
import type { Frame } from '../../src/model/Snapshot.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr5013 } from './problems/KPR5013.ts';
import { groupsOf } from './unservedServices.ts';
import { serviceRef } from '../../src/expect/lb/OwnerRef.ts';
import { serviceKey } from '../../src/expect/lb/readyBackends.ts';

/** Longer than any controller or cloud that gives addresses needs. */
const patienceMs = 5 * 60_000;

/**
 * What Cilium gives addresses for, and the option without which it does not (cilium: operator/pkg/lbipam, nodeipam).
 */
const switches: ReadonlyMap<string, Switch> = new Map<string, Switch>([
  [
    'io.cilium/bgp-control-plane',
    { of: 'bgpControlPlane', key: 'enable-bgp-control-plane', helm: 'bgpControlPlane.enabled=true' },
  ],
  [
    'io.cilium/l2-announcer',
    { of: 'l2Announcements', key: 'enable-l2-announcements', helm: 'l2announcements.enabled=true' },
  ],
  ['io.cilium/node', { of: 'nodeIpam', key: 'enable-node-ipam', helm: 'nodeIPAM.enabled=true' }],
]);
interface Switch {
  readonly of: 'bgpControlPlane' | 'l2Announcements' | 'nodeIpam';
  readonly key: string;
  readonly helm: string;
}

/** Of LB-IPAM's refusals, those that are about pools, and so about all that ask for an address of theirs. */
const aboutPools: ReadonlySet<string> = new Set(['no_pool', 'out_of_ips']);

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
  optional: { cluster: ['systemPods', 'deployments'] },
  uses: [commonSettings],
  run({ cluster, derived, evidence, frame: { takenAt, cilium } }) {
    const balancers = cluster.services.filter(({ spec }) => spec?.type === 'LoadBalancer');
    if (balancers.length === 0) return notApplicable('no Service is of type LoadBalancer');
    const settings = derived(commonSettings);
    const pods = isKnown(cluster.systemPods) ? operatorsIn(cluster.systemPods.value, cilium.namespace) : [];
    const isOperatorDown = pods.length > 0 && !pods.some(isReady);
    const stopped = pods.length > 0 ? undefined : stoppedOperator(valueOf(cluster.deployments) ?? [], cilium);
    const isLbIpamUsed = balancers.some((service) => conditionOf(service) !== undefined);
    const without = balancers.filter(({ status }) => (status?.loadBalancer?.ingress ?? []).length === 0);
    const ofPools = without.map((service) => refusalIn(service)).find((refusal) => refusal?.isAboutPools);
    const waits = without.flatMap((service): readonly Waiting[] => {
      const refusal = refusalIn(service);
      if (refusal !== undefined) return [{ service, why: { kind: 'refused', reason: refusal.text } }];
      // Where one is told that there is none, the others that ask the same will be, too.
      if (ofPools !== undefined && asksLbIpam(service))
        return [{ service, why: { kind: 'refused', reason: ofPools.text } }];
      if (!isLate(service, Date.parse(takenAt))) return [];
      const off = switchedOff(service, settings);
      if (off !== undefined) return [{ service, why: { kind: 'classOff', ...off } }];
      const isCiliums = isOfCilium(service) || (isLbIpamUsed && asksLbIpam(service));
      if (isCiliums && stopped !== undefined) return [{ service, why: { kind: 'operatorStopped', name: stopped } }];
      if (isCiliums && isOperatorDown) return [{ service, why: { kind: 'operatorDown' } }];
      const name = service.spec?.loadBalancerClass;
      return [{ service, why: name === undefined ? { kind: 'pending' } : { kind: 'leftToClass', name } }];
    });
    return passUnless(
      groupsOf(waits, ({ why }) => why).flatMap((group): readonly Finding<'KPR5013'>[] => {
        const [first] = group;
        if (first === undefined) return [];
        const objects = group.map(({ service }) => serviceRef(service));
        const services = listFirst(
          group.map(({ service }) => serviceKey(service)),
          5,
        );
        const about = (seen: string) => ({ objects, evidence: [evidence('services', seen)] });
        const { why } = first;
        switch (why.kind) {
          case 'refused':
            return [finding(kpr5013, 'refused', { services, reason: why.reason }, about(why.reason))];
          case 'classOff': {
            const { name, key, helm } = why;
            return [finding(kpr5013, 'classOff', { services, name, key, helm }, about(`loadBalancerClass: ${name}`))];
          }
          case 'operatorDown': {
            const names = pods.map(({ metadata }) => metadata.name);
            const seen = { lines: [`${names.join(', ')}: not ready`], of: names };
            const params = { services, pods: listFirst(names, 3) };
            return [finding(kpr5013, 'operatorDown', params, { objects, evidence: [evidence('systemPods', seen)] })];
          }
          case 'operatorStopped': {
            const { name } = why;
            const seen = { lines: [`${name}: spec.replicas 0`], of: [name] };
            const about = { objects, evidence: [evidence('deployments', seen)] };
            return [finding(kpr5013, 'operatorStopped', { services, name }, about)];
          }
          case 'leftToClass': {
            const { name } = why;
            return [finding(kpr5013, 'leftToClass', { services, name }, about(`loadBalancerClass: ${name}`))];
          }
          case 'pending':
            return [finding(kpr5013, 'pending', { services }, about('status.loadBalancer: {}'))];
          default:
            return why satisfies never;
        }
      }),
    );
  },
});

interface Waiting {
  readonly service: Service;
  readonly why:
    | { readonly kind: 'refused'; readonly reason: string }
    | { readonly kind: 'classOff'; readonly name: string; readonly key: string; readonly helm: string }
    | { readonly kind: 'operatorStopped' | 'leftToClass'; readonly name: string }
    | { readonly kind: 'operatorDown' | 'pending' };
}

const isLate = ({ metadata }: Service, now: number): boolean =>
  !(now - Date.parse(metadata.creationTimestamp ?? '') < patienceMs);

const conditionOf = ({ status }: Service) =>
  status?.conditions?.find(({ type }) => type === 'cilium.io/IPAMRequestSatisfied');

/** Why Cilium's LB-IPAM gives it none, in its own words; undefined: it does not say so. */
function refusalIn(service: Service): { readonly text: string; readonly isAboutPools: boolean } | undefined {
  const condition = conditionOf(service);
  if (condition?.status !== 'False') return undefined;
  const { message, reason = '' } = condition;
  return { text: message ?? reason, isAboutPools: aboutPools.has(reason) };
}

const isOfCilium = ({ spec }: Service): boolean => switches.has(spec?.loadBalancerClass ?? '');

const asksLbIpam = (service: Service): boolean =>
  service.spec?.loadBalancerClass === undefined ||
  (isOfCilium(service) && service.spec.loadBalancerClass !== 'io.cilium/node');

function switchedOff(
  { spec }: Service,
  settings: AgentSettings | Missing,
): { readonly name: string; readonly key: string; readonly helm: string } | undefined {
  const name = spec?.loadBalancerClass ?? '';
  const needed = switches.get(name);
  if (needed === undefined || 'missing' in settings) return undefined;
  return settings[needed.of].value ? undefined : { name, key: needed.key, helm: needed.helm };
}

const operatorsIn = (pods: readonly Pod[], namespace: string): readonly Pod[] =>
  pods.filter(
    ({ metadata }) =>
      metadata.namespace === namespace &&
      (metadata.labels?.['io.cilium/app'] === 'operator' || metadata.labels?.['name'] === 'cilium-operator'),
  );

/** The operator’s Deployment, where somebody scaled it to nothing. */
const stoppedOperator = (
  deployments: readonly Deployment[],
  { namespace, operatorDeployment = 'cilium-operator' }: Frame['cilium'],
): string | undefined =>
  deployments.find(
    ({ metadata, spec }) =>
      metadata.namespace === namespace && metadata.name === operatorDeployment && spec?.replicas === 0,
  )?.metadata.name;

const isReady = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True');
