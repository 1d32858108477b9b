import type { Bed } from '../lib/Bed.ts';
import { defineFault } from '../lib/Fault.ts';

interface Port {
  readonly port: number;
  readonly targetPort: number;
}

const inDns = ['-n', 'kube-system'] as const;
const patchDns = [...inDns, 'patch', 'service', 'kube-dns', '--type=json', '-p'] as const;
const setPorts = (bed: Bed, ports: readonly Port[]): Promise<string> =>
  bed.kubectl(...patchDns, JSON.stringify([{ op: 'replace', path: '/spec/ports', value: ports }]));

export default defineFault({
  id: 'dns-port-elsewhere',
  title: 'cluster DNS leads to a port of its servers at which nobody listens',
  expect: [{ code: 'KPR6002', nodes: ['n1', 'n2'], object: 'kube-system/kube-dns' }],
  showsAfter: 5,
  remedy: { not: 'at which port the servers are to listen, their author knows' },
  inject: async (bed) => {
    const before: { readonly spec: { readonly ports: readonly Port[] } } = JSON.parse(
      await bed.kubectl(...inDns, 'get', 'service', 'kube-dns', '-o', 'json'),
    );
    const { ports } = before.spec;
    await setPorts(
      bed,
      ports.map((one) => (one.port === 53 ? Object.assign({}, one, { targetPort: 5353 }) : one)),
    );
    return () => setPorts(bed, ports);
  },
});
