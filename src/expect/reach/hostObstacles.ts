import type { Evidence } from '../../core/Evidence.ts';
import type { NodeView } from '../../core/View.ts';
import { droppingRules } from '../droppingRules.ts';
import { foreignSocketPrograms, programName } from '../socketPrograms.ts';
import { valueOf } from '../../model/Fact.ts';
import type { NetworkInterface } from '../../model/NodeFacts.ts';

/** Something on the node itself that keeps it from the pods of others, or from any. */
export interface HostObstacle {
  /** As in `it is stopped by …`. */
  readonly what: string;
  readonly evidence: Evidence;
}

/** What was asked and did not answer. */
export interface LostConnection {
  readonly server: string;
  readonly port: number;
  /** What the node's own kernel or resolver said, as text; may be empty. */
  readonly detail: string;
}

type Host = Pick<NodeView<never, 'interfaces' | 'iptables' | 'cgroupPrograms'>, 'facts' | 'evidence'>;

/** Links that Cilium makes and needs; which of them there are depends on its mode. */
const ciliumLink = /^cilium_(?:host|net|vxlan|geneve|wg0)$/;

/** What was seen on a node that may explain why these probes fail. */
export const hostObstacles = (node: Host, lost: readonly LostConnection[]): readonly HostObstacle[] => [
  ...ofLinks(node),
  ...ofRules(node, lost),
  ...ofPrograms(node, lost),
];

const ofLinks = ({ facts, evidence }: Host): HostObstacle[] =>
  (valueOf(facts.interfaces) ?? [])
    .filter(({ name, up }) => ciliumLink.test(name) && !up)
    .map(({ name, addresses }: NetworkInterface) => ({
      what: `${name} is down`,
      evidence: evidence('interfaces', [name, 'DOWN', ...addresses].join(' ')),
    }));

function ofRules({ facts, evidence }: Host, lost: readonly LostConnection[]): HostObstacle[] {
  const dumps = valueOf(facts.iptables) ?? [];
  const byPort = Map.groupBy(lost, ({ port }) => port);
  const stopping = [...byPort].flatMap(([port, all]) => {
    const servers = [...new Set(all.map(({ server }) => server))];
    return droppingRules(dumps, servers, port);
  });
  return [...new Set(stopping)].slice(0, 3).map(({ line, packets }) => ({
    what: `the rule ${line}`,
    evidence: evidence('iptables', `${line} (${packets ?? 'many'} packets)`),
  }));
}

/** The kernel says so when a program on the socket's way refuses, or a rule drops what the node itself sends. */
function ofPrograms({ facts, evidence }: Host, lost: readonly LostConnection[]): HostObstacle[] {
  if (!lost.some(({ detail }) => /not permitted/i.test(detail))) return [];
  return foreignSocketPrograms(valueOf(facts.cgroupPrograms) ?? [])
    .slice(0, 3)
    .map((program) => ({
      what: `the program ${programName(program)}`,
      evidence: evidence('cgroupPrograms', programName(program)),
    }));
}
