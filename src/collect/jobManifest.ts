import type { ClusterChange } from './ClusterPort.ts';
import { runVariable, shardContainer } from '../knowledge/jobNames.ts';
import type { JsonObject } from '../text/isRecord.ts';
import { unprivilegedContainer, unprivilegedPod } from './unprivileged.ts';

/** What a Job of shards is made of. */
export interface JobWish {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  readonly shards: number;
  /** Whole seconds, of the Job as a whole. */
  readonly deadlineSeconds: number;
  readonly serviceAccount: string;
  /** Where agents are, when the user says so. */
  readonly ciliumNamespace: string | undefined;
}

/** Three attempts of each shard. */
const retriesOfShard = 2;
const dayInSeconds = 86_400;

const labels = { 'app.kubernetes.io/name': 'kubectl-kpr', 'app.kubernetes.io/managed-by': 'kubectl-kpr' };

/**
 * An Indexed Job of which each pod reads its part of the nodes: retries, parallelism and deadlines are Kubernetes' own.
 * `backoffLimitPerIndex` is of Kubernetes 1.29; older servers leave it out and count the retries of all together.
 */
export const jobManifest = (wish: JobWish): JsonObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: wish.name, namespace: wish.namespace, labels },
  spec: {
    completionMode: 'Indexed',
    completions: wish.shards,
    parallelism: wish.shards,
    backoffLimitPerIndex: retriesOfShard,
    activeDeadlineSeconds: wish.deadlineSeconds,
    ttlSecondsAfterFinished: dayInSeconds,
    template: {
      metadata: { labels },
      spec: {
        restartPolicy: 'Never',
        serviceAccountName: wish.serviceAccount,
        enableServiceLinks: false,
        securityContext: unprivilegedPod,
        containers: [
          {
            name: shardContainer,
            image: wish.image,
            command: ['kubectl-kpr'],
            args: [
              'shard',
              `--of=${wish.shards}`,
              ...(wish.ciliumNamespace === undefined ? [] : [`--cilium-namespace=${wish.ciliumNamespace}`]),
            ],
            env: [
              {
                name: runVariable,
                valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']" } },
              },
            ],
            resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1Gi' } },
            securityContext: unprivilegedContainer,
          },
        ],
      },
    },
  },
});

/** Reads, and execs in the namespaces of agents and of kube-proxy: the least that `verify` needs, as README has it. */
export function roleManifests({ namespace, serviceAccount, ciliumNamespace }: JobWish): readonly JsonObject[] {
  const rbac = 'rbac.authorization.k8s.io';
  const meta = { name: serviceAccount, labels };
  const subjects = [{ kind: 'ServiceAccount', name: serviceAccount, namespace }];
  const execIn = [...new Set(['kube-system', ciliumNamespace ?? 'kube-system'])];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { ...meta, namespace } },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: meta, rules: readRules },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: meta,
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: serviceAccount },
      subjects,
    },
    ...execIn.flatMap((where) => [
      { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: { ...meta, namespace: where }, rules: execRules },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata: { ...meta, namespace: where },
        roleRef: { apiGroup: rbac, kind: 'Role', name: serviceAccount },
        subjects,
      },
    ]),
  ];
}

const readRules = [
  { apiGroups: [''], resources: ['nodes', 'pods', 'services', 'configmaps'], verbs: ['get', 'list'] },
  { apiGroups: ['apps'], resources: ['daemonsets', 'deployments'], verbs: ['get', 'list'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] },
  {
    apiGroups: ['cilium.io'],
    resources: ['ciliumnodeconfigs', 'ciliumlocalredirectpolicies', 'ciliumnodes'],
    verbs: ['list'],
  },
];
const execRules = [{ apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] }];

/** The request that makes an object of the above. */
export function creationOf(body: JsonObject, namespace: string): Extract<ClusterChange, { readonly verb: 'create' }> {
  switch (body['kind']) {
    case 'Job':
      return { verb: 'create', path: `/apis/batch/v1/namespaces/${namespace}/jobs`, body };
    case 'ServiceAccount':
      return { verb: 'create', path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body };
    case 'ClusterRole':
      return { verb: 'create', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles', body };
    case 'ClusterRoleBinding':
      return { verb: 'create', path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', body };
    case 'Role':
      return { verb: 'create', path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`, body };
    case 'RoleBinding':
      return { verb: 'create', path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`, body };
    default:
      throw new Error(`nothing of kind ${String(body['kind'])} is ever made`);
  }
}
