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
