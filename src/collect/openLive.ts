import type { ConnectedPort, ConnectionFlags, Env } from './ConnectionFlags.ts';
import type { LiveHost } from './live/connectLive.ts';
import { LiveSource } from './LiveSource.ts';
import type { RawSource } from './RawSource.ts';

/** `client`: the API server is asked from here; `kubectl`: by the user’s own, for what only that can reach. */
export type Via = 'client' | 'kubectl';

/** Of the process that asks: its environment, and whether a credential plugin can talk with a person there. */
export interface Host extends LiveHost {
  readonly env: Env;
}

/** Opens a connection to the cluster that kubectl would take. Throws KprError when there is none. */
export async function openPort(flags: ConnectionFlags, via: Via, { env, ...host }: Host): Promise<ConnectedPort> {
  return via === 'kubectl'
    ? (await import('./kubectl/connectKubectl.ts')).connectKubectl(flags, env)
    : (await import('./live/connectLive.ts')).connectLive(flags, env, host);
}

/** The same, to be read as a source. */
export async function openLive(flags: ConnectionFlags, via: Via, host: Host): Promise<RawSource> {
  return new LiveSource(await openPort(flags, via, host), new Date().toISOString());
}
