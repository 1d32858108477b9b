import { needsKubeForward } from '../../expect/kube-proxy/forwardKept.ts';
import type { IptablesTable } from '../../model/NodeFacts.ts';
import type { Division } from './divideTable.ts';
import { placeName, type TablePlace } from './NodeCleanup.ts';
import type { Obstacle } from './preconditions.ts';

export interface DividedTable {
  readonly place: TablePlace;
  readonly table: IptablesTable;
  readonly division: Division;
}

/** What others would lose with kube-proxy's rules of one table. */
export const tableObstacles = (one: DividedTable): readonly Obstacle[] => [
  ...cutOffObstacle(one),
  ...forwardObstacle(one),
];

/** A rule of a firewall's in a chain of kube-proxy's may be what protects the node. */
function cutOffObstacle({ place, division: { cutOff } }: DividedTable): readonly Obstacle[] {
  const [first, ...more] = cutOff;
  if (first === undefined) return [];
  const [others, them] = more.length === 0 ? ['', 'it'] : [` (and ${more.length} more)`, 'them'];
  return [
    {
      kind: 'refused',
      why: `in ${placeName(place)} a rule that is not kube-proxy’s stands in a chain of kube-proxy’s, so no packet would meet it any more: ${first.line}${others}. Move ${them} to a chain of your own, then run cleanup again`,
    },
  ];
}

/** What lets replies through would go. */
function forwardObstacle({ place, table, division }: DividedTable): readonly Obstacle[] {
  if (place.table !== 'filter' || !division.chains.some(({ name }) => name === 'KUBE-FORWARD')) return [];
  if (!division.jumps.some(({ target }) => target === 'KUBE-FORWARD')) return [];
  if (!needsKubeForward(table)) return [];
  const command = `${place.family === 'ipv4' ? 'iptables' : 'ip6tables'}-${place.backend}`;
  return [
    {
      kind: 'refused',
      why: `FORWARD in ${placeName(place)} drops what nobody accepts, and beside KUBE-FORWARD no chain of Cilium accepts there: replies would be dropped. Let them pass first (${command} -P FORWARD ACCEPT, or a rule of your own)`,
    },
  ];
}
