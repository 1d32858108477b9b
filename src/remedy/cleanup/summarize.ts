import { count } from '../../text/plural.ts';
import type { NodeCleanup, NodePlan } from './NodeCleanup.ts';

/** What is said of a node, a line each; the first begins with its name. */
export function summarize(cleanup: NodeCleanup): readonly string[] {
  const { node } = cleanup;
  switch (cleanup.kind) {
    case 'clean': {
      const { unread, notes } = cleanup;
      const verdict = unread.length > 0 ? 'what was read holds nothing of kube-proxy' : 'nothing of kube-proxy is left';
      return [`${node}: ${verdict}`, ...[...notes, ...unread.map(notRead)].map(indented)];
    }
    case 'blocked':
      return [`${node}: no script, because`, ...cleanup.obstacles.map(({ why }) => indented(why))];
    case 'planned':
      return [
        `${node}: ${amountOf(cleanup.plan)}`,
        ...[...cleanup.plan.notes, ...cleanup.unread.map(notRead)].map(indented),
      ];
    default:
      return cleanup satisfies never;
  }
}

const indented = (text: string): string => `    ${text}`;
const notRead = (what: string): string => `not read, so what is left there is not known: ${what}`;

function amountOf({ tables, nftTables, ipvs }: NodePlan): string {
  const sum = (key: 'rules' | 'chains'): number => tables.reduce((total, one) => total + one[key], 0);
  const servers = ipvs.servers.length + ipvs.byService.length;
  return [
    ...(tables.length === 0
      ? []
      : [
          `${count(sum('rules'), 'rule')} and ${count(sum('chains'), 'chain')} in ${count(tables.length, 'iptables table')}`,
        ]),
    ...nftTables.map(({ family }) => `nftables table ${family} kube-proxy`),
    ...(servers === 0 ? [] : [count(servers, 'IPVS virtual server')]),
    ...(ipvs.link ? ['link kube-ipvs0'] : []),
    ...(ipvs.sets.length === 0 ? [] : [count(ipvs.sets.length, 'ipset')]),
  ].join(', ');
}
