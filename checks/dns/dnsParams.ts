import type { Service } from '../../src/model/kubernetes.ts';

/** What commands about the pods of cluster DNS need. */
export const dnsParams = ({
  metadata,
  spec,
}: Service): { readonly dnsNamespace: string; readonly selector: string } => ({
  dnsNamespace: metadata.namespace ?? 'kube-system',
  selector:
    Object.entries(spec?.selector ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(',') || 'k8s-app=kube-dns',
});
