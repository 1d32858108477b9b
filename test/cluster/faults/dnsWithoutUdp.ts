import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

interface Port {
  readonly protocol: string;
}

const inDns = ['-n', 'kube-system'] as const;
const patchDns = [...inDns, 'patch', 'service', 'kube-dns', '--type=json', '-p'] as const;
const setPorts = (bed: Bed, ports: readonly Port[]): Promise<string> =>
  bed.kubectl(...patchDns, JSON.stringify([{ op: 'replace', path: '/spec/ports', value: ports }]));

export default defineFault({
  id: 'dns-without-udp',
  title: 'the Service of cluster DNS has lost its port for UDP',
  expect: [{ code: 'KPR6001', object: 'kube-system/kube-dns' }],
  showsAfter: 2,
  remedy: 'executed',
  inject: async (bed) => {
    const before: { readonly spec: { readonly ports: readonly Port[] } } = JSON.parse(
      await bed.kubectl(...inDns, 'get', 'service', 'kube-dns', '-o', 'json'),
    );
    const { ports } = before.spec;
    await setPorts(
      bed,
      ports.filter(({ protocol }) => protocol !== 'UDP'),
    );
    return () => setPorts(bed, ports);
  },
});
