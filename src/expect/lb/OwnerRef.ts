import type { ObjectMeta } from '../../model/kubernetes.ts';

/** The object of the API that asks for a frontend. */
export interface OwnerRef {
  readonly kind: 'Service' | 'Pod' | 'CiliumLocalRedirectPolicy';
  readonly namespace: string;
  readonly name: string;
}

/** Tells owners apart; `Service kube-system/kube-dns`. */
export const ownerId = ({ kind, namespace, name }: OwnerRef): string => `${kind} ${namespace}/${name}`;

/** `kube-system/kube-dns`, as people write it. */
export const ownerName = ({ namespace, name }: OwnerRef): string => `${namespace}/${name}`;

const ownerOf =
  (kind: OwnerRef['kind']) =>
  ({ metadata }: { readonly metadata: ObjectMeta }): OwnerRef => ({
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  });
export const serviceRef = ownerOf('Service');
export const podRef = ownerOf('Pod');
export const policyRef = ownerOf('CiliumLocalRedirectPolicy');
