import type { Service } from '../../src/model/kubernetes.ts';
import { bracketed, canonicalAddress } from '../../src/model/lb/address.ts';

/** How its rows begin in the table. */
export const dnsFrontend = (clusterIP: string): string => `${bracketed(canonicalAddress(clusterIP) ?? clusterIP)}:53`;

/** What commands about cluster DNS and its pods need. */
export const dnsParams = ({
  metadata,
  spec,
}: Service): { readonly dnsNamespace: string; readonly selector: string; readonly frontend: string } => ({
  dnsNamespace: metadata.namespace ?? 'kube-system',
  frontend: dnsFrontend(spec?.clusterIP ?? ''),
  selector:
    Object.entries(spec?.selector ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(',') || 'k8s-app=kube-dns',
});
