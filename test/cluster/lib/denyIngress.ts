import type { Bed } from './Bed.ts';

const namespaces = ['default', 'kube-system'] as const;

const policy = (namespace: string): string =>
  JSON.stringify({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny', namespace },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }] }] },
  });

/** Policies of every namespace admit nobody but its own pods. */
export async function denyIngress(bed: Bed): Promise<() => Promise<void>> {
  for (const name of namespaces) await bed.apply(policy(name));
  return async () => {
    for (const name of namespaces) await bed.kubectl('-n', name, 'delete', 'networkpolicy', 'deny');
  };
}
