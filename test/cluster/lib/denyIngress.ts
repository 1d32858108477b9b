import type { Bed } from './Bed.ts';

const namespaces = ['default', 'kube-system'] as const;

/**
 * Policies of every namespace.
 * @param admitted `nobody`: default-deny; `neighbours`: pods of the same namespace
 */
export async function denyIngress(bed: Bed, admitted: 'nobody' | 'neighbours'): Promise<() => Promise<void>> {
  const ingress = admitted === 'nobody' ? [] : [{ from: [{ podSelector: {} }] }];
  for (const namespace of namespaces)
    await bed.apply(
      JSON.stringify({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'deny', namespace },
        spec: { podSelector: {}, policyTypes: ['Ingress'], ingress },
      }),
    );
  return async () => {
    for (const name of namespaces) await bed.kubectl('-n', name, 'delete', 'networkpolicy', 'deny');
  };
}
