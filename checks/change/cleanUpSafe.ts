import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, type Objection, passUnless } from '../../src/core/Outcome.ts';
import { foreignJumps } from '../../src/expect/kube-proxy/foreignJumps.ts';
import { needsKubeForward } from '../../src/expect/kube-proxy/forwardKept.ts';
import { ChainOwners } from '../../src/knowledge/owners/ownerOfChain.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import type { IptablesDump, IptablesTable } from '../../src/model/NodeFacts.ts';
import { kpr8005 } from './problems/KPR8005.ts';

/** What goes wrong when kube-proxy's rules go: known before, while they are still there. */
export const cleanUpSafe = defineCheck({
  id: 'clean-up-safe',
  title: 'kube-proxy’s rules can go without harm: nobody else leans on them',
  phases: ['preflight'],
  raises: [kpr8005],
  requires: { node: ['iptables'] },
  optional: { node: ['kernel'] },
  run({ frame, nodes }) {
    if (frame.intent?.change !== 'remove-kube-proxy') return notApplicable('kube-proxy’s rules are not to go');
    const owners = new ChainOwners();
    return forEachNode(nodes, ({ name, facts }) =>
      passUnless<'KPR8005'>([
        ...facts.iptables.flatMap((dump) => ofDump(dump, name, owners)),
        ...(endangered.test(valueOf(facts.kernel) ?? '')
          ? [finding(kpr8005, 'kernel', { kernel: valueOf(facts.kernel) ?? '' }, { nodes: [name] })]
          : []),
      ]),
    );
  },
});

/** Of RHEL 8.10 and its likes (cilium issue 39204). */
const endangered = /^4\.18\.0-553\.[^ ]*el8/;

function ofDump(
  { tables, backend, family }: IptablesDump,
  node: string,
  owners: ChainOwners,
): readonly Objection<'KPR8005'>[] {
  if (!isKnown(tables)) return [inconclusive(tables, node)];
  const command = `${family === 'ipv4' ? 'iptables' : 'ip6tables'}-${backend}`;
  const about = { nodes: [node] };
  return [
    ...tables.value.filter(wouldDrop).map((): Finding<'KPR8005'> => finding(kpr8005, 'forward', { command }, about)),
    ...foreignJumps(tables.value, owners).map(({ table, rule }) =>
      finding(kpr8005, 'jump', { command, table, rule: rule.line }, about),
    ),
  ];
}

const wouldDrop = (table: IptablesTable): boolean =>
  table.name === 'filter' &&
  table.chains.some(({ rules }) => rules.some(({ target }) => target === 'KUBE-FORWARD')) &&
  needsKubeForward(table);
