import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import { unservedFrontends } from '../../src/expect/served/unservedFrontends.ts';
import { kpr5007 } from './problems/KPR5007.ts';
import { affectedBy, groupsOf, unknownNodes, unservedBy } from './unservedServices.ts';

/** Rows are there, and packets are not translated, or not to another port (Documentation/configuration/sctp.rst). */
export const sctpSupported = defineCheck({
  id: 'sctp-supported',
  title: 'Services with SCTP ask for what Cilium supports',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5007],
  requires: { cluster: ['services'] },
  uses: [unservedFrontends, replacementOnNode],
  run({ cluster, nodes, derived, evidence }) {
    const uses = cluster.services.some(({ spec }) => (spec?.ports ?? []).some(({ protocol }) => protocol === 'SCTP'));
    if (!uses) return notApplicable('no Service has a port with SCTP');
    const unserved = derived(unservedFrontends);
    // Elsewhere kube-proxy does it.
    const replaced = new Set(nodes.flatMap((node) => (node.derived(replacementOnNode) === 'on' ? [node.name] : [])));
    const list = unservedBy(unserved, ['sctpOff', 'sctpPort']).filter((one) =>
      one.nodes.some((node) => replaced.has(node)),
    );
    const findings = groupsOf(list, ({ why, frontend: { owner } }) => [
      why.kind,
      why.kind === 'sctpOff' ? '' : owner,
    ]).flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { owners: services, frontends, objects, nodes: where } = affectedBy(group, unserved);
      const about = { objects, nodes: where, evidence: [evidence('services', frontends)] };
      if (first.why.kind === 'sctpOff') return [finding(kpr5007, 'off', { services, frontends }, about)];
      const ports = first.why.ports.join(', ');
      return [finding(kpr5007, 'otherPort', { services, frontends, ports }, about)];
    });
    return passUnless([...findings, ...unknownNodes(unserved)]);
  },
});
