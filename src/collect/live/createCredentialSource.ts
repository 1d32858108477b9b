import { readFile } from 'node:fs/promises';
import { KprError } from '../../core/KprError.ts';
import type { Connection, Identity } from './Connection.ts';
import {
  CachedCredentials,
  type CredentialSource,
  type FetchedCredentials,
  FixedCredentials,
} from './CredentialSource.ts';
import { fetchExecCredential } from './ExecCredential.ts';
import { jwtExpiry } from './jwtExpiry.ts';
import type { ExecPluginHost } from './runExecPlugin.ts';

export interface CredentialHost extends ExecPluginHost {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Where the credentials of a connection come from. Nothing is fetched yet. */
export function createCredentialSource(connection: Connection, host: CredentialHost): CredentialSource {
  const { identity, clientCertificate } = connection;
  switch (identity.kind) {
    case 'none':
      return new FixedCredentials({ authorization: undefined, clientCertificate });
    case 'token':
      return new FixedCredentials({
        authorization: bearer(identity.token, 'the kubeconfig or --token'),
        clientCertificate,
      });
    case 'basic': {
      const pair = Buffer.from(`${identity.username}:${identity.password}`).toString('base64');
      return new FixedCredentials({ authorization: `Basic ${pair}`, clientCertificate });
    }
    case 'tokenFile':
      return new CachedCredentials(() => fromTokenFile(identity, clientCertificate, host.now()), host.now);
    case 'exec':
      return new CachedCredentials(() => fromExecPlugin(identity, clientCertificate, host), host.now);
    case 'authProvider':
      return new CachedCredentials(() => fromAuthProvider(identity, clientCertificate, host.now()), host.now);
    default:
      return identity satisfies never;
  }
}

type Of<Kind extends Identity['kind']> = Extract<Identity, { readonly kind: Kind }>;
type ClientCertificate = Connection['clientCertificate'];

/**
 * What goes into a header. A token that was copied over two lines would be refused by whoever sends it, with a message
 * that quotes it. Throws KprError.
 */
function bearer(token: string, source: string): string {
  if (/^[\t\x20-\x7e]*$/.test(token)) return `Bearer ${token}`;
  throw new KprError(
    `The token of ${source} holds a line break or another character that no token has`,
    'Copy it again in one line, or log in again',
  );
}

/** client-go reads token files again after a minute (transport/token_source.go). */
const tokenHoldsMs = 60_000;

async function fromTokenFile(
  { file, fallback }: Of<'tokenFile'>,
  clientCertificate: ClientCertificate,
  now: number,
): Promise<FetchedCredentials> {
  let token = fallback;
  try {
    token = (await readFile(file, 'utf8')).trim() || fallback;
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    if (fallback === '') {
      throw new KprError(`The token file ${file} cannot be read (${why})`, 'Correct tokenFile in the kubeconfig', {
        cause,
      });
    }
  }
  return { credentials: { authorization: bearer(token, file), clientCertificate }, expiresAt: now + tokenHoldsMs };
}

async function fromExecPlugin(
  { exec, cluster }: Of<'exec'>,
  clientCertificate: ClientCertificate,
  host: CredentialHost,
): Promise<FetchedCredentials> {
  const given = await fetchExecCredential(exec, cluster, host);
  const credentials = {
    authorization: given.token ? bearer(given.token, `the credential plugin "${exec.command}"`) : undefined,
    clientCertificate: given.clientCertificate ?? clientCertificate,
  };
  // Without a date it holds until the server refuses it.
  return { credentials, expiresAt: given.expiresAt ?? Number.POSITIVE_INFINITY };
}

/** kubectl may have another token made, and writes it down. */
const logIn = 'Let kubectl renew it: kubectl get --raw /version; or log in again';

/**
 * OpenID Connect, by the token that the kubeconfig holds, while that holds (client-go, plugin/pkg/client/auth/oidc).
 * Its refresh token is never spent: many issuers take one once only and give the next with the answer; kubectl writes
 * that down, this program writes nothing, and so the person would be logged out by it. The other providers ran
 * programs that the kubeconfig named; client-go has none of them since 1.26.
 */
async function fromAuthProvider(
  { name, config }: Of<'authProvider'>,
  clientCertificate: ClientCertificate,
  now: number,
): Promise<FetchedCredentials> {
  if (name !== 'oidc') {
    throw new KprError(
      `The auth-provider "${name}" is not supported, as by kubectl since 1.26: of these there is oidc only`,
      'Use a credential plugin (exec): gke-gcloud-auth-plugin, kubelogin, or what your provider has',
    );
  }
  const token = config['id-token'] ?? '';
  const expiresAt = jwtExpiry(token);
  if (expiresAt === undefined || expiresAt <= now) {
    throw new KprError('The auth-provider "oidc" gives no token; that of the kubeconfig may have expired', logIn);
  }
  return { credentials: { authorization: bearer(token, 'the auth-provider "oidc"'), clientCertificate }, expiresAt };
}
