import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Outcome, passUnless } from '../../src/core/Outcome.ts';
import { nextOptionsOnNode, optionsOnNode } from '../../src/expect/agent/optionsOnNode.ts';
import { type RowCounts, rowsAskedFor } from '../../src/expect/lb/rowsAskedFor.ts';
import { valueOf } from '../../src/model/Fact.ts';
import { mapSizeOf } from '../agents/mapSizeOptions.ts';
import { kpr8004 } from './problems/KPR8004.ts';

/** Fuller than this, a roll-out of one large Service may fill the map: both sets of its pods are there for a while. */
const comfortable = 0.8;

/**
 * What Services ask for is known before any agent serves it. Counted are rows of one family, each address of the node
 * for NodePorts (cilium: pkg/loadbalancer/maps/types.go, one row for a frontend and one for each of its backends).
 */
export const mapsWouldFit = defineCheck({
  id: 'maps-would-fit',
  title: 'The load-balancing maps are large enough for the Services that the API holds',
  phases: ['preflight'],
  raises: [kpr8004],
  requires: { cluster: ['services', 'endpointSlices'] },
  optional: { node: ['nodeAddresses'] },
  uses: [optionsOnNode, nextOptionsOnNode],
  run({ frame, cluster, nodes }) {
    const change = frame.intent?.change;
    if (change === undefined || change === 'rollback') return notApplicable('the maps are not to serve more than now');
    const countsFor = rowsAskedFor(cluster.services, cluster.endpointSlices);
    return forEachNode(nodes, (node): Outcome<'KPR8004'> => {
      // Agents start again for every other change.
      const options = node.derived(change === 'remove-kube-proxy' ? optionsOnNode : nextOptionsOnNode);
      if ('missing' in options) return inconclusive(options);
      const addresses = (valueOf(node.facts.nodeAddresses) ?? []).filter(({ nodePort }) => nodePort);
      const counts = countsFor(addresses.map(({ address }) => address));
      return passUnless(
        maps.flatMap(({ map, of }): readonly Finding<'KPR8004'>[] => {
          const option = mapSizeOf(map, options);
          if (option.kind !== 'fixed' || counts[of] <= option.size * comfortable) return [];
          const params = {
            map: `cilium_${map}`,
            rows: counts[of],
            now: option.size,
            size: roomFor(counts[of]),
            key: option.key,
            helm: option.helm,
          };
          return [finding(kpr8004, counts[of] > option.size ? 'full' : 'tight', params, { nodes: [node.name] })];
        }),
      );
    });
  },
});

const maps: readonly { readonly map: string; readonly of: keyof RowCounts }[] = [
  { map: 'lb4_services_v2', of: 'services' },
  { map: 'lb4_backends_v3', of: 'backends' },
  { map: 'lb4_reverse_nat', of: 'frontends' },
];

/** Half of it stays free; no table takes more than the last (cilium: pkg/option/config.go, LimitTableMax). */
const roomFor = (rows: number): number => Math.min(2 ** Math.ceil(Math.log2(rows * 2)), 16_777_216);
