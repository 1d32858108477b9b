import { isClusterOwnedDaemonSet } from '../../src/model/clusterOwned.ts';
import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding, type ObjectRef } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, type Objection, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { hostPort } from '../../src/expect/api-server/apiEndpoint.ts';
import { findClusterDns } from '../../src/expect/clusterDns.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { isAtLeast } from '../../src/knowledge/version.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import type { CiliumLocalRedirectPolicy, DaemonSet, Service } from '../../src/model/kubernetes.ts';
import { matcherOf, ownerOf, portsThatMeet } from './redirectMatch.ts';
import { kpr6003 } from './problems/KPR6003.ts';

/** Since then an agent leaves a frontend alone that a Service has (cilium: pkg/loadbalancer/redirectpolicy). */
const sparesServices = '1.18.0';

export const localRedirectsEffective = defineCheck({
  id: 'local-redirects-effective',
  title: 'Local redirects, and caches that count on one, take the traffic that they are meant for',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr6003],
  requires: { cluster: ['services', 'daemonSets'] },
  optional: { cluster: ['localRedirectPolicies', 'endpointSlices', 'kubeletConfig'] },
  uses: [agentConfigOnNode, replacementOnNode],
  run({ cluster, nodes, evidence }) {
    const { services, localRedirectPolicies } = cluster;
    const policies = valueOf(localRedirectPolicies) ?? [];
    const caches = cluster.daemonSets.filter(isNodeLocalCache);
    const scope = scopeOf(nodes);
    // Where redirects are off, a policy without effect is all that may be missed.
    const isUnread = !isKnown(localRedirectPolicies) && (scope.on.length > 0 || scope.unread.length > 0);
    if (policies.length === 0 && caches.length === 0 && !isUnread)
      return notApplicable('there is no local redirect, and no DNS cache on nodes that needs one');
    const isReplaced = nodes.some((node) => node.derived(replacementOnNode) === 'on');
    const dns = isReplaced
      ? findClusterDns(services, valueOf(cluster.endpointSlices) ?? [], cluster.kubeletConfig)
      : undefined;
    return passUnless([
      ...(!isKnown(localRedirectPolicies) && isUnread ? [inconclusive(localRedirectPolicies)] : []),
      ...(policies.length > 0 ? scope.unread : []),
      ...policies.flatMap((policy) => {
        const found = faultOf(policy, services, scope);
        return found === undefined
          ? []
          : [found({ objects: [refOf(policy)], evidence: [evidence('localRedirectPolicies', shownTarget(policy))] })];
      }),
      ...caches.flatMap((cache) => {
        const ip = dns?.clusterIPs.find((one) => wordsOf(cache).includes(one));
        if (ip === undefined) return [];
        const { namespace = '', name } = cache.metadata;
        return [
          finding(
            kpr6003,
            'cacheBypassed',
            { clusterIP: ip, cache: `${namespace}/${name}` },
            {
              objects: [{ kind: 'DaemonSet', namespace, name }],
              evidence: [
                evidence('daemonSets', {
                  lines: [`${namespace}/${name}: hostNetwork, with ${ip} among its arguments`],
                  of: [name],
                }),
              ],
            },
          ),
        ];
      }),
    ]);
  },
});

interface About {
  readonly objects: readonly ObjectRef[];
  readonly evidence: readonly Evidence[];
}

/** What is wrong with a policy, which waits for where it was seen. */
function faultOf(
  policy: CiliumLocalRedirectPolicy,
  services: readonly Service[],
  { on, off, sparing }: ReturnType<typeof scopeOf>,
): ((about: About) => Finding<'KPR6003'>) | undefined {
  if (on.length === 0 && off.length > 0)
    return (about) => finding(kpr6003, 'switchedOff', {}, { ...about, nodes: off });
  const { addressMatcher, serviceMatcher } = policy.spec?.redirectFrontend ?? {};
  if (addressMatcher !== undefined) {
    const { ip, toPorts = [] } = addressMatcher;
    const taken = toPorts.flatMap((port) => ownerOf(ip, port, services) ?? []);
    if (taken.length === 0 || sparing.length === 0) return undefined;
    const address = hostPort(ip, toPorts[0]?.port);
    const params = { address, services: [...new Set(taken.map(nameOf))].join(', '), ...matcherOf(taken) };
    return (about) => finding(kpr6003, 'addressIsServices', params, { ...about, nodes: sparing });
  }
  if (serviceMatcher === undefined) return undefined;
  const target = `${serviceMatcher.namespace}/${serviceMatcher.serviceName}`;
  const { namespace = '' } = policy.metadata;
  if (serviceMatcher.namespace !== namespace)
    return (about) =>
      finding(kpr6003, 'otherNamespace', { service: target, own: namespace, right: serviceMatcher.namespace }, about);
  const service = services.find((one) => nameOf(one) === target);
  if (service === undefined) return (about) => finding(kpr6003, 'serviceMissing', { service: target }, about);
  const ports = portsThatMeet(policy, service);
  return ports.met
    ? undefined
    : (about) => finding(kpr6003, 'portsDoNotMeet', { service: target, asked: ports.asked, has: ports.has }, about);
}

function shownTarget({ spec }: CiliumLocalRedirectPolicy): string {
  const { addressMatcher, serviceMatcher } = spec?.redirectFrontend ?? {};
  if (addressMatcher !== undefined) return `addressMatcher ${addressMatcher.ip}`;
  return `serviceMatcher ${serviceMatcher?.namespace}/${serviceMatcher?.serviceName}`;
}

const wordsOf = ({ spec }: DaemonSet): readonly string[] =>
  (spec?.template?.spec?.containers ?? []).flatMap(({ args }) => args ?? []).flatMap((word) => word.split(/[\s,=]+/));

type View = NodeView<never, never, never, typeof agentConfigOnNode | typeof replacementOnNode>;

/** On which nodes redirects are switched on and off, and on which they spare what Services have. */
function scopeOf(nodes: readonly View[]) {
  const on: string[] = [];
  const off: string[] = [];
  const sparing: string[] = [];
  const unread: Objection<'KPR6003'>[] = [];
  for (const node of nodes) {
    const config = node.derived(agentConfigOnNode);
    if ('missing' in config) unread.push(inconclusive(config, node.name));
    else {
      (config.settings.localRedirects.value ? on : off).push(node.name);
      if (config.settings.localRedirects.value && isAtLeast(config.version, sparesServices)) sparing.push(node.name);
    }
  }
  return { on, off, sparing, unread };
}

/** kubernetes: cluster/addons/dns/nodelocaldns; the names of kubespray and of charts. */
const isNodeLocalCache = (one: DaemonSet): boolean =>
  /^node-?local-?dns/.test(one.metadata.name) &&
  one.spec?.template?.spec?.hostNetwork === true &&
  isClusterOwnedDaemonSet(one);

const nameOf = ({ metadata }: Service): string => `${metadata.namespace}/${metadata.name}`;
const refOf = ({ metadata: { namespace = '', name } }: CiliumLocalRedirectPolicy): ObjectRef => ({
  kind: 'CiliumLocalRedirectPolicy',
  namespace,
  name,
});
