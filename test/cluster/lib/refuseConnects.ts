import type { Bed } from './Bed.ts';

const name = 'edr_connect4';

/**
 * A program as security software brings one: it refuses connections to 10.96.0.0/12 and 10.244.0.0/16 (linux:
 * include/uapi/linux/bpf.h; instructions are eight bytes each).
 */
const instructions = [
  // r2 = the address, as a number; r0 = 1, which allows.
  '6112040000000000 dc02000020000000 b700000001000000',
  // Whether it begins with 0x0a6, or with 0x0af4.
  'bf23000000000000 7703000014000000 15030400a6000000',
  'bf23000000000000 7703000010000000 15030100f40a0000',
  // No: exit. Yes: r0 = 0, exit.
  '9500000000000000 b700000000000000 9500000000000000',
].join(' ');

/** bpf(2) by its number: BPF_PROG_LOAD of a BPF_PROG_TYPE_CGROUP_SOCK_ADDR, and BPF_PROG_ATTACH beside others. */
const perl = `
my $code = pack "H*", join "", qw(${instructions});
my $license = "GPL\\0";
my @names = (0, 0, 0, 0, 0, "${name}", 0, 10);
my $load = pack "LLQQLLQLLa16LL", 18, length($code) / 8, unpack("Q", pack "P", $code), unpack("Q", pack "P", $license), @names;
my $program = syscall 321, 5, $load, length $load;
die "load: $!" if $program < 0;
open my $root, "<", $ARGV[0] or die $!;
my $attach = pack "LLLL", fileno $root, $program, 10, 2;
syscall(321, 8, $attach, length $attach) == 0 or die "attach: $!";
`;

const root = '/run/cilium/cgroupv2';

/** Programs and pods of the node no longer reach Services or pods; gives the way back. */
export async function refuseConnects(bed: Bed, node: string): Promise<() => Promise<unknown>> {
  await bed.agent(node, 'perl', '-e', perl, root);
  return async () => {
    const shown = await bed.agent(node, 'bpftool', 'cgroup', 'show', root);
    const id = new RegExp(`^(\\d+) .* ${name}\\b`, 'm').exec(shown)?.[1] ?? '';
    await bed.agent(node, 'bpftool', 'cgroup', 'detach', root, 'connect4', 'id', id);
  };
}
