import { agentContainer } from '../../parse/findCilium.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';
import { unprivilegedContainer, unprivilegedPod } from '../unprivileged.ts';

/** By which the pods of one run are found. */
export const runLabel = 'kubectl-kpr/run';
export const probeContainer = 'probe';

/** What is taken of the agents’ DaemonSet: nodes have the image, and it holds what opens connections. */
export interface ProbeTemplate {
  readonly image: string;
  readonly imagePullSecrets: readonly JsonObject[];
}

/** Of the DaemonSet as the API gives it; undefined: there is no image in it. */
export function probeTemplateOf(daemonSet: unknown): ProbeTemplate | undefined {
  const spec = memberOf(memberOf(memberOf(daemonSet, 'spec'), 'template'), 'spec');
  const containers = memberOf(spec, 'containers');
  const agent: unknown = Array.isArray(containers)
    ? containers.find((one) => memberOf(one, 'name') === agentContainer)
    : undefined;
  const image = memberOf(agent, 'image');
  const secrets = memberOf(spec, 'imagePullSecrets');
  return typeof image === 'string' && image !== ''
    ? { image, imagePullSecrets: Array.isArray(secrets) ? secrets.filter(isRecord) : [] }
    : undefined;
}

const memberOf = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined);

/**
 * A pod that sleeps, without any privilege, so that the strictest of the Pod Security Standards admits it, in the
 * network of pods, on that node whatever its taints are. Its node ends it after `lifeSeconds`.
 */
export const probePodManifest = (
  about: {
    readonly namespace: string;
    readonly pod: string;
    readonly node: string;
    readonly run: string;
    readonly lifeSeconds: number;
  },
  { image, imagePullSecrets }: ProbeTemplate,
): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: about.pod,
    namespace: about.namespace,
    labels: {
      'app.kubernetes.io/name': 'kubectl-kpr-probe',
      'app.kubernetes.io/managed-by': 'kubectl-kpr',
      [runLabel]: about.run,
    },
  },
  spec: {
    nodeName: about.node,
    hostNetwork: false,
    restartPolicy: 'Never',
    activeDeadlineSeconds: about.lifeSeconds,
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets,
    tolerations: [{ operator: 'Exists' }],
    securityContext: unprivilegedPod,
    containers: [
      {
        name: probeContainer,
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['sleep', String(about.lifeSeconds)],
        resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '128Mi' } },
        securityContext: unprivilegedContainer,
      },
    ],
  },
});
