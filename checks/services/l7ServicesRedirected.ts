import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { optionsOnNode } from '../../src/expect/agent/optionsOnNode.ts';
import { parseGoBool } from '../../src/expect/agent/parseGoBool.ts';
import { hasDummyEndpoint } from '../../src/expect/lb/endpointBackends.ts';
import { ownerName } from '../../src/expect/lb/OwnerRef.ts';
import { serviceKey } from '../../src/expect/lb/readyBackends.ts';
import { matchesSelector, parseSelector } from '../../src/expect/lb/labelSelectors.ts';
import { unservedFrontends } from '../../src/expect/served/unservedFrontends.ts';
import { envoyPodsDown } from '../../src/expect/served/envoyPodsDown.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr5012 } from './problems/KPR5012.ts';
import { affectedBy, unknownNodes, type UnservedBy, unservedBy } from './unservedServices.ts';

/**
 * The Services of Cilium's Gateways and Ingresses have an endpoint that nobody answers at: without the redirect to
 * Envoy in their rows, connections go nowhere (operator/pkg/model/translation); and without Envoy, nor do they with it.
 */
export const l7ServicesRedirected = defineCheck({
  id: 'l7-services-redirected',
  title: 'Services of Gateways and Ingresses lead to the L7 proxy',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5012],
  requires: { cluster: ['services', 'endpointSlices'] },
  optional: { cluster: ['nodes', 'systemPods'], node: ['lbTable'] },
  uses: [unservedFrontends, agentConfigOnNode, optionsOnNode],
  run({ cluster, nodes, derived, evidence, frame }) {
    if (!cluster.endpointSlices.some(hasDummyEndpoint)) return notApplicable('no Service is made for the L7 proxy');
    const unserved = derived(unservedFrontends);
    const envoyOff = new Set(
      nodes.flatMap(({ name, derived: on }) => {
        const config = on(agentConfigOnNode);
        return 'missing' in config || config.settings.envoyConfig.value ? [] : [name];
      }),
    );
    const labels = new Map(
      (valueOf(cluster.nodes) ?? []).map(({ metadata }) => [metadata.name, metadata.labels ?? {}] as const),
    );
    const views = new Map(nodes.map((node) => [node.name, node] as const));
    const isLeftOut = (service: Service | undefined, name: string): boolean => {
      const node = views.get(name);
      return node !== undefined && isElsewhere(service, node, labels.get(name) ?? {});
    };
    const services = new Map(cluster.services.map((service) => [serviceKey(service), service] as const));
    const list = unservedBy(unserved, ['placeholder']).flatMap((one): readonly UnservedBy<'placeholder'>[] => {
      const service = services.get(ownerName(one.frontend.owner));
      const where = one.nodes.filter((node) => !isLeftOut(service, node));
      return where.length === 0 ? [] : [{ ...one, nodes: where }];
    });
    const unread = nodes.flatMap(({ name, facts: { lbTable } }) =>
      isKnown(lbTable) ? [] : [inconclusive(lbTable, name)],
    );
    const parts = [
      { variant: 'envoyOff', of: list.filter((one) => one.nodes.every((node) => envoyOff.has(node))) },
      { variant: 'notRedirected', of: list.filter((one) => !one.nodes.every((node) => envoyOff.has(node))) },
    ] as const;
    return passUnless([
      ...parts.flatMap(({ variant, of }) => {
        if (of.length === 0) return [];
        const { owners, frontends, objects, nodes: where } = affectedBy(of, unserved);
        const seen = [evidence('endpointSlices', '192.192.192.192:9999 is the only endpoint')];
        return [finding(kpr5012, variant, { services: owners, frontends }, { objects, nodes: where, evidence: seen })];
      }),
      ...nodes.flatMap((node) => ofEnvoy(node, redirectedOn(node, cluster.services))),
      ...unread,
      ...unknownNodes(unserved),
    ]);

    function ofEnvoy(node: View, redirected: readonly Service[]): readonly Finding<'KPR5012'>[] {
      if (redirected.length === 0 || !isOn(node, 'external-envoy-proxy') || !isKnown(cluster.systemPods)) return [];
      return envoyPodsDown(cluster.systemPods.value, frame.cilium.namespace, node.name, frame.takenAt).map(
        ({ pod, why }) => {
          const objects = redirected.map(({ metadata: { namespace = '', name } }) => ({
            kind: 'Service',
            namespace,
            name,
          }));
          const names = listFirst(
            objects.map(({ namespace, name }) => `${namespace}/${name}`),
            3,
          );
          const seen = [evidence('systemPods', { lines: [`${pod}: ${why}`], of: [pod] })];
          return finding(
            kpr5012,
            'envoyDown',
            { pod, why, services: names },
            { nodes: [node.name], objects, evidence: seen },
          );
        },
      );
    }
  },
});

type View = NodeView<never, 'lbTable', never, typeof agentConfigOnNode | typeof optionsOnNode>;

function textOf(node: View, key: string): string {
  const options = node.derived(optionsOnNode);
  return 'missing' in options ? '' : (options(key)?.text ?? '');
}

const isOn = (node: View, key: string): boolean => parseGoBool(textOf(node, key)) === true;

/**
 * In the network of the host Envoy listens on some nodes alone, and on these alone are rows redirected
 * (CiliumEnvoyConfig, spec.nodeSelector).
 */
function isElsewhere(service: Service | undefined, node: View, labels: Readonly<Record<string, string>>): boolean {
  const kind = service?.metadata.labels?.['cilium.io/ingress'] === undefined ? 'gateway-api' : 'ingress';
  if (!isOn(node, `${kind}-hostnetwork-enabled`)) return false;
  const selector = parseSelector(textOf(node, `${kind}-hostnetwork-nodelabelselector`));
  return selector !== undefined && !matchesSelector(selector, labels);
}

/** Services whose rows on a node lead to Envoy. */
function redirectedOn({ facts }: View, services: readonly Service[]): readonly Service[] {
  const table = valueOf(facts.lbTable);
  if (table === undefined) return [];
  const addresses = new Set(
    [...table.frontends.values()]
      .filter(({ flags }) => flags.names.has('l7-load-balancer'))
      .map(({ key }) => addressOf(key)),
  );
  return services.filter(({ spec }) => addresses.has(spec?.clusterIP ?? ''));
}

/** `10.96.10.1` of `10.96.10.1:80/TCP`. */
const addressOf = (key: string): string => key.slice(0, key.lastIndexOf(':')).replaceAll(/[[\]]/g, '');
