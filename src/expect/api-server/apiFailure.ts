import type { ContainerStatus, Pod } from '../../model/kubernetes.ts';

/** How a container of the agent failed to reach the API server, from the last words that the kubelet kept of it. */
export interface ApiFailure {
  readonly container: string;
  /** `host:port` as it was dialled; the name alone where it did not resolve. */
  readonly endpoint: string;
  readonly outcome: 'refused' | 'timeout' | 'unresolved' | 'certificate' | 'failed';
  /** The words of the error, e.g. `connect: connection refused`. */
  readonly detail: string;
  /** When the container ended, RFC 3339; undefined: the kubelet does not say. */
  readonly endedAt: string | undefined;
}

/** Of the container that stopped the pod from becoming ready; undefined: it runs, or it stopped for another reason. */
export function apiFailureOf({ status }: Pod): ApiFailure | undefined {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const one of statuses) {
    if (one.name !== 'config' && one.name !== 'cilium-agent') continue;
    if (one.ready === true) continue;
    const failure = failureIn(one);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

function failureIn({ name, state, lastState }: ContainerStatus): ApiFailure | undefined {
  const ended = [state?.terminated, lastState?.terminated].find((one) => one?.message !== undefined);
  const { message, finishedAt: endedAt } = ended ?? {};
  if (message === undefined) return undefined;
  const url = message.match(/Get \\*"https?:\/\/([^/"\\?]+)[^:]*?\\*": ([^\n]*)/);
  const words = url?.[2] ?? '';
  const certificate = /(?:tls|x509): [^"\\]*/.exec(words)?.[0];
  if (url?.[1] !== undefined && certificate !== undefined) {
    return { container: name, endpoint: url[1], outcome: 'certificate', detail: certificate.trim(), endedAt };
  }
  // Go's net.OpError: `dial tcp ADDRESS: WHY`, or `dial tcp: lookup NAME on SERVER: WHY`.
  const dialled = [...message.matchAll(/dial tcp(?: (\S+))?: (?:lookup (\S+?)(?: on \S+)?: )?([^"\\\n]+)/g)].at(-1);
  if (dialled === undefined) return undefined;
  const detail = (dialled[3] ?? '').trim();
  if (dialled[2] !== undefined)
    return { container: name, endpoint: dialled[2], outcome: 'unresolved', detail, endedAt };
  const outcome = /refused/.test(detail) ? 'refused' : /timeout|timed out|deadline/.test(detail) ? 'timeout' : 'failed';
  return { container: name, endpoint: dialled[1] ?? '', outcome, detail, endedAt };
}
