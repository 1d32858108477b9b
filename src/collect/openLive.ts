import type { ConnectionFlags, Env } from './ConnectionFlags.ts';
import { LiveSource } from './LiveSource.ts';
import type { RawSource } from './RawSource.ts';

/** `client`: @kubernetes/client-node; `kubectl`: the user's own, for what only that can reach. */
export type Via = 'client' | 'kubectl';

/** Opens a connection to the cluster that kubectl would take. Throws KprError when there is none. */
export async function openLive(flags: ConnectionFlags, via: Via, env: Env): Promise<RawSource> {
  const port =
    via === 'kubectl'
      ? await (await import('./kubectl/connectKubectl.ts')).connectKubectl(flags, env)
      : await (await import('./live/connectLive.ts')).connectLive(flags, env);
  return new LiveSource(port, new Date().toISOString());
}
