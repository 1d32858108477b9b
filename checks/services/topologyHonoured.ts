import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { inconclusive, notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { lbConfigOnNode } from '../../src/expect/lb/lbConfigOnNode.ts';
import { behaviourOf } from '../../src/expect/lb/versionGates.ts';
import type { Node, Service } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr5009 } from './problems/KPR5009.ts';
import { groupsOf } from './unservedServices.ts';
import { serviceRef } from '../../src/expect/lb/OwnerRef.ts';
import { serviceKey } from '../../src/expect/lb/readyBackends.ts';

/** A Service says where its clients’ connections are to stay, and the agents do not look (cilium/cilium#37930). */
export const topologyHonoured = defineCheck({
  id: 'topology-honoured',
  title: 'What Services say of topology is in effect',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5009],
  requires: { cluster: ['services', 'nodes'] },
  uses: [lbConfigOnNode],
  run({ cluster, nodes, evidence }) {
    const asking = cluster.services.flatMap((service) => {
      const asked = askedBy(service);
      return asked === undefined ? [] : [{ service, asked }];
    });
    const isZoned = zonesOf(cluster.nodes).size > 1;
    // In one zone every endpoint is as near as another.
    const list = asking.filter(({ asked }) => isZoned || asked.includes('Node'));
    if (list.length === 0) return notApplicable('no Service asks for a topology that nodes have');
    const configs = nodes.map((node) => ({ node: node.name, config: node.derived(lbConfigOnNode) }));
    const known = configs.flatMap(({ config }) => ('missing' in config ? [] : [config]));
    const off = known.filter(({ serviceTopology }) => !serviceTopology);
    const old = known.find(({ version }) => !behaviourOf(version).preferSameNode);
    const findings = groupsOf(list, ({ asked }) => asked).flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { asked } = first;
      const objects = group.map(({ service }) => serviceRef(service));
      const services = listFirst(
        group.map(({ service }) => serviceKey(service)),
        5,
      );
      const about = { objects, evidence: [evidence('services', asked)] };
      if (off.length > 0) return [finding(kpr5009, 'topologyOff', { services, asked }, about)];
      if (old === undefined || !/PreferSame/.test(asked)) return [];
      return [finding(kpr5009, 'distributionUnknown', { services, asked, version: old.version.version }, about)];
    });
    return passUnless([
      ...findings,
      ...configs.flatMap(({ node, config }) => ('missing' in config ? [inconclusive(config, node)] : [])),
    ]);
  },
});

/** As it stands in the Service; undefined: nothing. */
function askedBy({ metadata, spec }: Service): string | undefined {
  if (spec?.internalTrafficPolicy === 'Local') return undefined;
  if (spec?.trafficDistribution !== undefined) return `trafficDistribution: ${spec.trafficDistribution}`;
  const key = topologyKeys.find((one) => metadata.annotations?.[one]?.toLowerCase() === 'auto');
  return key === undefined ? undefined : `${key}: Auto`;
}

const topologyKeys = ['service.kubernetes.io/topology-mode', 'service.kubernetes.io/topology-aware-hints'] as const;

const zonesOf = (nodes: readonly Node[]): ReadonlySet<string> =>
  new Set(nodes.flatMap(({ metadata }) => metadata.labels?.['topology.kubernetes.io/zone'] ?? []));
