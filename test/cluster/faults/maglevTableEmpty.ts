import { defineFault } from '../lib/Fault.ts';
import { chooseAlgorithm, maglevKey } from '../lib/maglev.ts';

/** All slots of the inner map to backend 0, which there is none of. */
const empty = (key: readonly string[]): string => `
bytes=($(bpftool -j map lookup pinned /sys/fs/bpf/tc/globals/cilium_lb4_maglev key ${key.join(' ')} | grep -o '0x[0-9a-f]*'))
id=$((\${bytes[5]} << 24 | \${bytes[4]} << 16 | \${bytes[3]} << 8 | \${bytes[2]}))
size=$(bpftool map show id $id | sed -n 's/.*value \\([0-9]*\\)B.*/\\1/p')
bpftool map update id $id key hex 00 00 00 00 value $(head -c $size /dev/zero | od -An -v -tu1 | tr -d '\\n')`;

export default defineFault({
  id: 'maglev-table-empty',
  title: 'the Maglev table of a NodePort emptied on n2: every key and row is there, and clients outside get nothing',
  // Nothing leads the LoadBalancer’s address to where the program runs.
  flags: ['--connect', '--source', 'here'],
  expect: [{ code: 'KPR4010', nodes: ['n2'], object: 'default/httpd-np' }],
  cleanWithin: 60,
  remedy: 'executed',
  tidy: (bed) => chooseAlgorithm(bed, 'random'),
  inject: async (bed) => {
    await chooseAlgorithm(bed, 'maglev');
    await bed.agent('n2', 'bash', '-c', empty(await maglevKey(bed, 'n2', 31_080)));
    return () => chooseAlgorithm(bed, 'random');
  },
});
