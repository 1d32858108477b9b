import type { Pod } from '../../model/kubernetes.ts';
import { secondsSince } from '../settling/apiChanges.ts';

/** Envoy is ready within seconds of its start. */
const patienceSeconds = 60;

/** The pods of Cilium's Envoy on a node that have not been ready for a while, and why. */
export function envoyPodsDown(
  pods: readonly Pod[],
  namespace: string,
  node: string,
  takenAt: string,
): readonly { readonly pod: string; readonly why: string }[] {
  return pods
    .filter(
      ({ metadata, spec }) =>
        metadata.labels?.['k8s-app'] === 'cilium-envoy' && metadata.namespace === namespace && spec?.nodeName === node,
    )
    .flatMap((pod) => {
      const why = whyDown(pod, takenAt);
      return why === undefined ? [] : [{ pod: pod.metadata.name, why }];
    });
}

function whyDown({ metadata, status }: Pod, takenAt: string): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready === undefined || ready.status === 'True') return undefined;
  const since = secondsSince(ready.lastTransitionTime, takenAt);
  if (since === undefined || since < patienceSeconds) return undefined;
  const container = status?.containerStatuses?.find((one) => !one.ready);
  return container?.state?.waiting?.reason ?? container?.state?.terminated?.reason ?? 'it runs and is not ready';
}
