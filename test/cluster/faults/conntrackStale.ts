import { defineFault } from '../lib/Fault.ts';

/** An address of n1's pods that no pod has. */
const gone = '10.244.1.254';
const client = [
  '-p',
  'udp',
  '--orig-src',
  '10.244.1.253',
  '--orig-dst',
  '10.96.0.10',
  '--sport',
  '40053',
  '--dport',
  '53',
];

export default defineFault({
  id: 'conntrack-stale',
  title: 'a UDP client of kube-dns that n1’s connection tracking holds to a pod that is gone',
  expect: [{ code: 'KPR3008', nodes: ['n1'], object: 'kube-system/kube-dns' }],
  exitCode: 0,
  remedy: 'executed',
  inject: async (bed) => {
    await bed.node('n1', 'conntrack', '-I', ...client, '--dst-nat', gone, '-t', '600');
    return () => bed.node('n1', 'conntrack', '-D', ...client);
  },
});
