import type { CgroupProgram } from '../model/NodeFacts.ts';

export type SocketHook = 'connect' | 'sendmsg' | 'recvmsg' | 'getpeername' | 'post_bind';

/**
 * libbpf's names of the hooks (`cgroup_inet4_connect`, `cgroup_udp4_sendmsg`), and those of older bpftool (`connect4`).
 */
export const isSocketHookAttached = (programs: readonly CgroupProgram[], hook: SocketHook, family: 4 | 6): boolean =>
  programs.some(
    ({ name, attachType }) =>
      /^(cil_)?sock/.test(name) &&
      [`cgroup_inet${family}_${hook}`, `cgroup_udp${family}_${hook}`, `${hook}${family}`].includes(attachType),
  );

/** Where a program is asked before a socket connects, sends or takes a port: there it may refuse to. */
const refusingHook = /(?:connect|sendmsg|bind)[46]?$/;

/** Programs of others than Cilium at those hooks; one without a name may be anybody's. */
export const foreignSocketPrograms = (programs: readonly CgroupProgram[]): readonly CgroupProgram[] =>
  programs.filter(({ name, attachType }) => refusingHook.test(attachType) && !/^(?:(?:cil_)?sock|cil_|$)/.test(name));

/** e.g. `guard_connect4 at cgroup_inet4_connect` */
export const programName = ({ name, attachType }: CgroupProgram): string => `${name} at ${attachType}`;
