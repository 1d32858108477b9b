import { defineFault } from '../lib/Fault.ts';

const namespaces = ['default', 'kube-system'] as const;

const policy = (namespace: string): string =>
  JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny', namespace },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] },
  });

export default defineFault({
  id: 'policies-forbid',
  title:
    'policies of every namespace admit nobody but its own pods: nodes do not reach those of others, as it should be',
  expect: [],
  exitCode: 0,
  remedy: { not: 'nothing is broken' },
  showsAfter: 5,
  inject: async (bed) => {
    for (const name of namespaces) await bed.apply(policy(name));
    return async () => {
      for (const name of namespaces) await bed.kubectl('-n', name, 'delete', 'networkpolicy', 'deny');
    };
  },
});
