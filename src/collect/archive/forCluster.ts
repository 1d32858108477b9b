import type { Origin } from '../../model/raw.ts';
import { kubectlCommand } from '../api/kubectlFlags.ts';
import type { ConnectionFlags, Env } from '../ConnectionFlags.ts';
import { loadKubeconfig, type ReadFile } from '../live/loadKubeconfig.ts';
import { readSmallFile } from '../readSmallFile.ts';
import type { RawSource } from '../RawSource.ts';
import { redactText } from '../redactText.ts';

export interface KubeconfigHost {
  readonly env: Env;
  readonly platform: string;
}

/** An archive with the command that reaches the cluster it was taken from, where that is known. */
export function forCluster(source: RawSource, flags: ConnectionFlags, host: KubeconfigHost): RawSource {
  const { origin } = source;
  if (origin.kind === 'live') return source;
  const kubectl = kubectlOfArchive(origin, flags, { ...host, readFile: (path) => readSmallFile(path) });
  if (kubectl === undefined) return source;
  return {
    origin: { ...origin, kubectl },
    takenAt: source.takenAt,
    ...(source.reader === undefined ? {} : { reader: source.reader }),
    read: (plan, sink, progress) => source.read(plan, sink, progress),
    close: () => source.close(),
  };
}

/**
 * `kubectl --context=prod-1`: as the user chooses, else with the context of a capture, if the user has one of that name
 * for that server: many clusters have contexts of the same names. undefined: neither.
 */
export function kubectlOfArchive(
  origin: Exclude<Origin, { readonly kind: 'live' }>,
  flags: ConnectionFlags,
  host: KubeconfigHost & { readonly readFile: ReadFile },
): string | undefined {
  const chosen = kubectlCommand(flags);
  if (chosen !== kubectlCommand({})) return chosen;
  if (origin.kind === 'sysdump' || origin.redacted === true) return undefined;
  const { context, server } = origin;
  return serverOf(context, flags, host) === server ? kubectlCommand({ context }) : undefined;
}

/** As captures have it. A kubeconfig that cannot be read says nothing, and an archive is read all the same. */
function serverOf(
  name: string,
  flags: ConnectionFlags,
  host: KubeconfigHost & { readonly readFile: ReadFile },
): string | undefined {
  try {
    const { kubeconfig } = loadKubeconfig(flags, host);
    const server = kubeconfig.clusters.get(kubeconfig.contexts.get(name)?.cluster ?? '')?.server;
    return server === undefined ? undefined : redactText(server);
  } catch {
    return undefined;
  }
}
