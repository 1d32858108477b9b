import packageJson from '../../../package.json' with { type: 'json' };
import { KprError } from '../../core/KprError.ts';
import type { ConnectedPort, ConnectionFlags, Env } from '../ConnectionFlags.ts';
import { readSmallFile } from '../readSmallFile.ts';
import { createCredentialSource } from './createCredentialSource.ts';
import { explainNetworkError } from './explainNetworkError.ts';
import { LivePort } from './LivePort.ts';
import { proxyFor } from './proxyFor.ts';
import { resolveConnection } from './resolveConnection.ts';
import { Session } from './Session.ts';

/** Of the process that asks. */
export interface LiveHost {
  readonly platform: string;
  /** Whether a credential plugin may ask questions. */
  readonly stdinIsTerminal?: boolean;
  /** What an interactive credential plugin says while it runs. */
  readonly onPluginStderr?: (text: string) => void;
}

/**
 * The cluster that kubectl would reach with the same flags and environment. Reads the kubeconfig and gets credentials
 * (a plugin may run); does not speak to the cluster yet. Rejects with a KprError.
 */
export async function connectLive(flags: ConnectionFlags, env: Env, host: LiveHost): Promise<ConnectedPort> {
  const connection = resolveConnection(flags, {
    env,
    platform: host.platform,
    readFile: (path) => readSmallFile(path),
  });
  const closing = new AbortController();
  const source = createCredentialSource(connection, {
    env,
    stdinIsTerminal: host.stdinIsTerminal ?? false,
    ...(host.onPluginStderr ? { onStderr: host.onPluginStderr } : {}),
    signal: closing.signal,
    now: Date.now,
  });
  const session = new Session(connection, source, {
    proxy: connection.proxyUrl ?? proxyFor(connection.server, env),
    userAgent: `kubectl-kpr/${packageJson.version}`,
    closing,
    now: Date.now,
  });
  try {
    await session.access();
  } catch (error) {
    await session.close();
    if (error instanceof KprError) throw error;
    throw new KprError(
      `Cannot connect to ${connection.server} (context ${connection.contextName}): ${explainNetworkError(error)}`,
      'Correct the certificates and the proxy in the kubeconfig or the flags',
      { cause: error },
    );
  }
  return new LivePort(flags, connection, session);
}
