import { readFile } from 'node:fs/promises';
import { KprError } from '../../core/KprError.ts';
import { oneLine } from '../../text/visible.ts';
import type { Connection, Identity } from './Connection.ts';
import { cachedCredentials, type CredentialSource, fixedCredentials } from './CredentialSource.ts';
import { fetchExecCredential } from './ExecCredential.ts';
import { jwtExpiry } from './jwtExpiry.ts';
import type { ExecPluginHost } from './runExecPlugin.ts';

export interface CredentialHost extends ExecPluginHost {
  readonly now: () => number;
}

/** client-go reads token files again after a minute (transport/token_source.go). */
const TOKEN_HOLDS_MS = 60_000;

const fromTokenFile = (file: string, fallback: string, connection: Connection, now: () => number): CredentialSource =>
  cachedCredentials(async () => {
    let token = fallback;
    try {
      token = (await readFile(file, 'utf8')).trim() || fallback;
    } catch (cause) {
      const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
      if (fallback === '')
        throw new KprError(`The token file ${file} cannot be read (${why})`, 'Correct tokenFile in the kubeconfig', {
          cause,
        });
    }
    const credentials = { authorization: `Bearer ${token}`, clientCertificate: connection.clientCertificate };
    return { credentials, expiresAt: now() + TOKEN_HOLDS_MS };
  }, now);

const fromExecPlugin = (
  identity: Extract<Identity, { kind: 'exec' }>,
  connection: Connection,
  host: CredentialHost,
): CredentialSource =>
  cachedCredentials(async () => {
    const given = await fetchExecCredential(identity.exec, identity.cluster, host);
    const credentials = {
      authorization: given.token ? `Bearer ${given.token}` : undefined,
      clientCertificate: given.clientCertificate ?? connection.clientCertificate,
    };
    // Without a date it holds until the server refuses it.
    return { credentials, expiresAt: given.expiresAt ?? Number.POSITIVE_INFINITY };
  }, host.now);

/**
 * OpenID Connect, and the providers that kubectl no longer has, by client-node. It asks for a new token before every
 * request once the first has expired, so what it gives is kept here until the token itself says that it ends.
 */
const fromAuthProvider = (
  identity: Extract<Identity, { kind: 'authProvider' }>,
  connection: Connection,
  now: () => number,
): CredentialSource =>
  cachedCredentials(async () => {
    // Loaded here: the whole generated client comes with it.
    const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromOptions({
      clusters: [{ name: 'cluster', server: 'https://not-used.invalid' }],
      users: [{ name: 'user', authProvider: { name: identity.name, config: { ...identity.config } } }],
      contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
      currentContext: 'context',
    });
    const options: { headers?: Record<string, string | undefined> } = {};
    const login = 'Log in again, e.g. with: kubectl get --raw /version';
    try {
      await kubeConfig.applyToHTTPSOptions(options);
    } catch (cause) {
      const why = oneLine(cause instanceof Error ? cause.message : String(cause));
      throw new KprError(`The auth-provider "${identity.name}" gives no token: ${why}`, login, { cause });
    }
    const authorization = options.headers?.['Authorization'];
    if (!authorization) {
      throw new KprError(
        `The auth-provider "${identity.name}" gives no token; the one in the kubeconfig may have expired`,
        login,
      );
    }
    return {
      credentials: { authorization, clientCertificate: connection.clientCertificate },
      expiresAt: jwtExpiry(authorization.replace(/^Bearer /, '')) ?? now() + TOKEN_HOLDS_MS,
    };
  }, now);

export const createCredentialSource = (connection: Connection, host: CredentialHost): CredentialSource => {
  const { identity, clientCertificate } = connection;
  switch (identity.kind) {
    case 'none':
      return fixedCredentials({ authorization: undefined, clientCertificate });
    case 'token':
      return fixedCredentials({ authorization: `Bearer ${identity.token}`, clientCertificate });
    case 'basic': {
      const pair = Buffer.from(`${identity.username}:${identity.password}`).toString('base64');
      return fixedCredentials({ authorization: `Basic ${pair}`, clientCertificate });
    }
    case 'tokenFile':
      return fromTokenFile(identity.file, identity.fallback, connection, host.now);
    case 'exec':
      return fromExecPlugin(identity, connection, host);
    case 'authProvider':
      return fromAuthProvider(identity, connection, host.now);
    default:
      return identity satisfies never;
  }
};
