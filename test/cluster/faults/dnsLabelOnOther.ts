import { defineFault } from '../lib/Fault.ts';

const inDns = ['-n', 'kube-system'] as const;
const image = ['--image=docker.io/library/httpd:2.4', '--image-pull-policy=Never'] as const;

export default defineFault({
  id: 'dns-label-on-other',
  title: 'a pod that is no DNS server bears the labels of cluster DNS: a third of all queries is refused',
  expect: [{ code: 'KPR6002', nodes: ['n1', 'n2'], object: 'kube-system/kube-dns' }],
  showsAfter: 5,
  exitCode: 0,
  remedy: { not: 'whether the pod is to be a DNS server, its owner knows' },
  inject: async (bed) => {
    await bed.kubectl(...inDns, 'run', 'no-dns', ...image, '--labels=k8s-app=kube-dns');
    await bed.kubectl(...inDns, 'wait', '--for=condition=Ready', 'pod/no-dns', '--timeout=60s');
    return () => bed.kubectl(...inDns, 'delete', 'pod', 'no-dns', '--now');
  },
});
