import { defineCheck, skip } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import type { CgroupProgram } from '../../src/model/NodeFacts.ts';

/**
 * The hooks without which connections to Services are not translated (cilium: pkg/socketlb/socketlb.go). The IPv6 ones
 * are attached with IPv6 off, too, for IPv4-mapped addresses. bpftool named them `connect4` before it took libbpf's names.
 */
const required = {
  connect4: 'cgroup_inet4_connect',
  sendmsg4: 'cgroup_udp4_sendmsg',
  recvmsg4: 'cgroup_udp4_recvmsg',
  connect6: 'cgroup_inet6_connect',
  sendmsg6: 'cgroup_udp6_sendmsg',
  recvmsg6: 'cgroup_udp6_recvmsg',
} as const;

export const socketLbAttached = defineCheck({
  id: 'socket-lb-attached',
  title: 'Socket load balancing is attached to the root cgroup of every node',
  area: 'agents',
  phases: ['doctor', 'verify'],
  codes: ['KPR1007'],
  needs: { node: ['status', 'cgroupPrograms'] },
  run({ nodes }) {
    const enabled = nodes.filter((node) => node.facts.status.kpr?.socketLb);
    if (enabled.length === 0) return skip('socket load balancing is off on every node');
    return enabled.flatMap((node) => {
      const lacking = Object.entries(required)
        .filter(([short, attachType]) => !isAttached(node.facts.cgroupPrograms, [short, attachType]))
        .map(([short]) => short);
      if (lacking.length === 0) return [];
      return finding(
        'KPR1007',
        'detached',
        { missing: `${lacking.join(', ')} ${lacking.length === 1 ? 'is' : 'are'}` },
        { nodes: [node.name], evidence: [node.evidence('cgroupPrograms', summary(node.facts.cgroupPrograms))] },
      );
    });
  },
});

const isAttached = (programs: readonly CgroupProgram[], attachTypes: readonly string[]): boolean =>
  programs.some((program) => attachTypes.includes(program.attachType) && program.name.startsWith('cil_sock'));

const summary = (programs: readonly CgroupProgram[]): string =>
  programs.length === 0 ? '[] (no program)' : programs.map((program) => program.name).join(', ');
