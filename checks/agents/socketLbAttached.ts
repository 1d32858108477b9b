import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, notApplicable, pass } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { familiesOf } from '../../src/expect/agent/combinedSettings.ts';
import { isSocketHookAttached, type SocketHook } from '../../src/expect/socketPrograms.ts';
import { missing, valueOf } from '../../src/model/Fact.ts';
import type { CgroupProgram } from '../../src/model/NodeFacts.ts';
import { kpr1007 } from './problems/KPR1007.ts';

type Family = 4 | 6;

/** Without these, connections to Services are not translated (cilium: pkg/socketlb/socketlb.go). */
const required: readonly SocketHook[] = ['connect', 'sendmsg', 'recvmsg'];
/** Attached where kernel and configuration allow it, and then for both families or for none. */
const optional: readonly SocketHook[] = ['getpeername', 'post_bind'];

export const socketLbAttached = defineCheck({
  id: 'socket-lb-attached',
  title: 'Socket load balancing is attached to the root cgroup of every node',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1007],
  requires: { node: ['status', 'cgroupPrograms'] },
  optional: { node: ['interfaces'] },
  uses: [agentConfigOnNode],
  run: ({ nodes }) =>
    forEachNode(nodes, (node) => {
      const { status, cgroupPrograms: programs } = node.facts;
      if (status.kpr !== undefined && status.kpr.socketLb === undefined) return inconclusive(notTold);
      if (status.kpr?.socketLb !== true) return notApplicable('socket load balancing is off on every node');
      const families = expectedFamilies(node, programs);
      const lacking = lackingOf(required, families, programs);
      const twins = optional.filter((hook) => families.some((family) => isSocketHookAttached(programs, hook, family)));
      const detached = [...lacking, ...lackingOf(twins, families, programs)];
      if (detached.length === 0) return pass;
      return finding(
        kpr1007,
        lacking.length > 0 ? 'detached' : 'incomplete',
        { missing: `${detached.join(', ')} ${detached.length === 1 ? 'is' : 'are'}` },
        { nodes: [node.name], evidence: [node.evidence('cgroupPrograms', summary(programs))] },
      );
    }),
});

const notTold = missing('absent', 'the text of the agent’s status does not say whether socket load balancing is on');

type View = NodeView<never, 'interfaces', never, typeof agentConfigOnNode>;

/**
 * The families that must have programs. With IPv6 off the IPv6 ones are attached all the same, for IPv4-mapped
 * addresses, unless the kernel runs without IPv6; then no interface has such an address, not even lo.
 */
function expectedFamilies(node: View, programs: readonly CgroupProgram[]): Family[] {
  const config = node.derived(agentConfigOnNode);
  const on = 'missing' in config ? undefined : familiesOf(config.settings);
  const addresses = (valueOf(node.facts.interfaces) ?? []).flatMap((one) => one.addresses);
  const ipv6 = on?.has('ipv6') === true || addresses.some((address) => address.includes(':'));
  const families: Family[] = on?.has('ipv4') === false ? [] : [4];
  return ipv6 || required.some((hook) => isSocketHookAttached(programs, hook, 6)) ? [...families, 6] : families;
}

const lackingOf = (
  hooks: readonly SocketHook[],
  families: readonly Family[],
  programs: readonly CgroupProgram[],
): string[] =>
  families.flatMap((family) =>
    hooks.filter((hook) => !isSocketHookAttached(programs, hook, family)).map((hook) => `${hook}${family}`),
  );

const summary = (programs: readonly CgroupProgram[]): string =>
  programs.length === 0 ? '[] (no program)' : programs.map((program) => program.name).join(', ');
