import type { Bed } from './Bed.ts';

export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A user with one ClusterRole; `doctor --as NAME` is that user. */
export async function asUser(bed: Bed, name: string, rules: readonly Rule[]): Promise<() => Promise<string>> {
  const group = 'rbac.authorization.k8s.io';
  const metadata = { name: `kpr-${name}` };
  const role = { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata, rules };
  const binding = {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: metadata.name },
    subjects: [{ apiGroup: group, kind: 'User', name }],
  };
  await bed.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [role, binding] }));
  return () => bed.kubectl('delete', `clusterrole/kpr-${name}`, `clusterrolebinding/kpr-${name}`);
}
