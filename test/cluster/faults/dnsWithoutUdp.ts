import { defineFault } from '../lib/Fault.ts';

const port = { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 };

export default defineFault({
  id: 'dns-without-udp',
  title: 'the Service of cluster DNS has lost its port for UDP',
  expect: [{ code: 'KPR6001', object: 'kube-system/kube-dns' }],
  showsAfter: 2,
  remedy: 'executed',
  inject: async (bed) => {
    const patch = (operations: readonly object[]): Promise<string> =>
      bed.kubectl(...patchDns, JSON.stringify(operations));
    await patch([
      { op: 'test', path: '/spec/ports/0/protocol', value: 'UDP' },
      { op: 'remove', path: '/spec/ports/0' },
    ]);
    return () => patch([{ op: 'add', path: '/spec/ports/-', value: port }]);
  },
});

const patchDns = ['-n', 'kube-system', 'patch', 'service', 'kube-dns', '--type=json', '-p'] as const;
