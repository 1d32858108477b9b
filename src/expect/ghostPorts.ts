import type { Pod } from '../model/kubernetes.ts';
import type { OwnerRef } from './lb/OwnerRef.ts';

/** A hostPort that the agent keeps for a pod that is gone. */
export interface GhostPort {
  readonly pod: OwnerRef;
  readonly port: string;
}

/** `mail/postfix-0:host-port:25:UID`, as the agent names what it makes of the hostPort of a pod (since 1.18). */
const hostPortName = /([a-z0-9-]+)\/([a-z0-9.-]+):host-port:(\d+):([0-9a-f-]{36})/g;

/**
 * The hostPorts that a text of the agent names as a pod's that no longer is: a pod of the same name may live, with
 * another UID.
 */
export function ghostPortsIn(text: string, pods: readonly Pod[]): readonly GhostPort[] {
  const named = Array.from(text.matchAll(hostPortName));
  // Hardly any text names one, and a large cluster has many pods.
  if (named.length === 0) return [];
  const alive = new Set(pods.flatMap(({ metadata: { uid } }) => uid ?? []));
  return named
    .filter(([, , , , uid = '']) => !alive.has(uid))
    .map(([, namespace = '', name = '', port = '']) => ({ pod: { kind: 'Pod', namespace, name }, port }));
}
