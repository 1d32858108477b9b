import { listFirst, listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import { withoutOwn } from '../../text/withoutOwn.ts';
import type { NodeCleanup, NodePlan, NotSeen } from './NodeCleanup.ts';

/** For those that are to be gone to; scripts in a folder name the others. */
const mostNames = 10;

/** What is said of each node; of nodes of which there is the same to say, once. */
export function summarizeAll(cleanups: readonly NodeCleanup[]): readonly string[] {
  const alike = Map.groupBy(cleanups, (one) => ownlessLines(one).join('\n'));
  return [...alike.values()].flatMap(saidOnce);
}

function saidOnce(all: readonly NodeCleanup[]): readonly string[] {
  const [first] = all;
  if (first === undefined || all.length === 1) return all.flatMap(summarize);
  const [verdict = '', ...more] = ownlessLines(first);
  const names = all.map(({ node }) => node);
  if (first.kind !== 'planned') return [listNames(names) + verdict, ...more];
  const where = names.length > 3 ? listFirst(names, mostNames) : listNames(names);
  return [`${where}${verdict} each`, ...more];
}

/** Without what is the node's alone: its name in front, its addresses. */
function ownlessLines(cleanup: NodeCleanup): readonly string[] {
  const { node } = cleanup;
  return summarize(cleanup).map((line, at) => withoutOwn(at === 0 ? line.slice(node.length) : line, [node]));
}

/** What is said of a node, a line each; the first begins with its name. */
export function summarize(cleanup: NodeCleanup): readonly string[] {
  const { node } = cleanup;
  switch (cleanup.kind) {
    case 'clean': {
      const { unread, notes } = cleanup;
      const verdict = unread.some(({ what }) => what === 'iptables')
        ? 'whether anything of kube-proxy is left is not known'
        : unread.length > 0
          ? 'what was read holds nothing of kube-proxy'
          : 'nothing of kube-proxy is left';
      return [`${node}: ${verdict}`, ...[...notes, ...notRead(unread)].map(indented)];
    }
    case 'blocked':
      return [`${node}: no script, because`, ...cleanup.obstacles.map(({ why }) => indented(why))];
    case 'planned':
      return [
        `${node}: ${amountOf(cleanup.plan)}`,
        ...[...cleanup.plan.notes, ...notRead(cleanup.unread)].map(indented),
      ];
    default:
      return cleanup satisfies never;
  }
}

const indented = (text: string): string => `    ${text}`;

/** What was not read for one reason stands together. */
function notRead(unread: readonly NotSeen[]): readonly string[] {
  const byReason = Map.groupBy(unread, ({ why }) => why);
  return [...byReason].map(
    ([why, all]) =>
      `not read, so what is left there is not known: ${listNames(
        all.map(({ what }) => what),
        true,
      )}: ${why}`,
  );
}

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
