import { defineFault } from '../lib/Fault.ts';

const policy = JSON.stringify({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'dns-only', namespace: 'kube-system' },
  spec: {
    podSelector: { matchLabels: { 'app.kubernetes.io/managed-by': 'kubectl-kpr' } },
    policyTypes: ['Egress'],
    egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }],
  },
});

export default defineFault({
  id: 'policy-forbids-probe-pods',
  title: 'a policy lets pods connect to nothing but DNS: nodes reach all that is served, and pods made for it do not',
  flags: ['--connect', '--probe-pod'],
  expect: [{ code: 'KPR4010', nodes: ['n1', 'n2'] }],
  exitCode: 0,
  remedy: { not: 'a policy may want it' },
  inject: async (bed) => {
    await bed.apply(policy);
    return () => bed.kubectl('-n', 'kube-system', 'delete', 'networkpolicy', 'dns-only');
  },
});
