import { defineFault } from '../lib/Fault.ts';

const patchDns = ['-n', 'kube-system', 'patch', 'service', 'kube-dns', '-p'] as const;

/** Ports are merged by their numbers, and both are 53. */
const ports = (targetPort: number) =>
  JSON.stringify([
    { op: 'replace', path: '/spec/ports/0/targetPort', value: targetPort },
    { op: 'replace', path: '/spec/ports/1/targetPort', value: targetPort },
  ]);

export default defineFault({
  id: 'dns-port-elsewhere',
  title: 'cluster DNS leads to a port of its servers at which nobody listens',
  expect: [{ code: 'KPR6002', nodes: ['n1', 'n2'], object: 'kube-system/kube-dns' }],
  showsAfter: 5,
  remedy: { not: 'at which port the servers are to listen, their author knows' },
  inject: async (bed) => {
    await bed.kubectl(...patchDns, ports(5353), '--type=json');
    return () => bed.kubectl(...patchDns, ports(53), '--type=json');
  },
});
