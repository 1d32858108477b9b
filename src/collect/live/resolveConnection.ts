import { X509Certificate } from 'node:crypto';
import { KprError } from '../../core/KprError.ts';
import type { ConnectionFlags, Env } from '../ConnectionFlags.ts';
import type { Connection, Identity, Impersonation } from './Connection.ts';
import { chooseContext } from './chooseContext.ts';
import { inClusterKubeconfig } from './inClusterKubeconfig.ts';
import type { KubeconfigCluster, KubeconfigUser } from './Kubeconfig.ts';
import { loadKubeconfig, type ReadFile } from './loadKubeconfig.ts';

export interface ConnectionHost {
  readonly env: Env;
  readonly platform: string;
  readonly readFile: ReadFile;
}

/**
 * Where to connect and as whom, as kubectl decides it from the same flags, environment and files. Only reads files.
 * Throws KprError when there is no cluster or when something refers to what does not exist.
 */
export function resolveConnection(flags: ConnectionFlags, host: ConnectionHost): Connection {
  const loaded = loadKubeconfig(flags, host);
  const chosen = chooseContext(flags, loaded, inClusterKubeconfig(host));
  const { contextName, context, clusterName } = chosen;
  const cluster = overrideCluster(flags, chosen.cluster);
  const user = overrideUser(flags, chosen.user);
  if (cluster.server === '') {
    throw new KprError(
      `The cluster "${clusterName}" of context "${contextName}" has no server in ${loaded.files.join(', ')}`,
      'Give --server URL, or choose another --context',
    );
  }
  const ca = authorityOf(cluster, clusterName, host.readFile);
  const server = normaliseServer(cluster.server);
  return {
    contextName,
    namespace: flags.namespace || context.namespace || 'default',
    server,
    tls: {
      ca: ca || undefined,
      serverName: cluster.tlsServerName || undefined,
      insecure: cluster.insecureSkipTlsVerify,
    },
    compress: !cluster.disableCompression,
    proxyUrl: cluster.proxyUrl || undefined,
    ...(server.startsWith('https:')
      ? {
          clientCertificate: clientCertificateOf(user, host.readFile),
          identity: identityOf(flags, user, clusterForPlugin(server, cluster, ca)),
          impersonate: impersonationOf(flags, user),
        }
      : nobody),
  };
}

/** Over plain http anybody on the way could take them: kubectl sends none either (clientcmd/client_config.go). */
const nobody: Pick<Connection, 'clientCertificate' | 'identity' | 'impersonate'> = {
  clientCertificate: undefined,
  identity: { kind: 'none' },
  impersonate: { user: '', groups: [], uid: '', extra: {} },
};

/** PEM; empty where none is named. */
function authorityOf(cluster: KubeconfigCluster, clusterName: string, readFile: ReadFile): string {
  const { certificateAuthorityData: data, certificateAuthority: file } = cluster;
  const ca = pemOf('certificate authority', data, file, readFile);
  checkCertificate('certificate authority', ca);
  if (ca !== '' && cluster.insecureSkipTlsVerify) {
    throw new KprError(
      `The cluster "${clusterName}" has both a certificate authority and insecure-skip-tls-verify`,
      'Remove one of them; kubectl refuses this too',
    );
  }
  return ca;
}

function readPem(kind: string, file: string, readFile: ReadFile): string {
  try {
    return readFile(file);
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    const hint = 'Correct its path in the kubeconfig or the flag';
    throw new KprError(`The ${kind} ${file} cannot be read (${why})`, hint, { cause });
  }
}

/** Node ignores authorities that it cannot read, and then nothing is trusted; kubectl refuses them. */
function checkCertificate(kind: string, pem: string): void {
  try {
    if (pem !== '') new X509Certificate(pem).toString();
  } catch (cause) {
    throw new KprError(`The ${kind} is not a certificate in PEM`, 'Fetch a new kubeconfig, or correct the flag', {
      cause,
    });
  }
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');

/** Data goes before a file, as in client-go's rest.TLSClientConfig. */
function pemOf(kind: string, data: string, file: string, readFile: ReadFile): string {
  return data ? decode(data) : file ? readPem(kind, file, readFile) : '';
}

/** `host:port` is https: where kubectl would take http, a forgotten scheme would ask in the clear. */
function normaliseServer(server: string): string {
  const withScheme = server.includes('://') ? server : `https://${server}`;
  const url = URL.canParse(withScheme) ? new URL(withScheme) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    throw new KprError(`The server "${withoutUser(server)}" is no address`, 'Give one like https://10.0.0.1:6443');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** What stands before an @ may be a name and a password. */
const withoutUser = (server: string): string => server.replace(/^([a-z]+:\/\/)?.*@/is, '$1');

function impersonationOf(flags: ConnectionFlags, user: KubeconfigUser): Impersonation {
  const groups = flags.asGroups ?? [];
  const asked: Impersonation = {
    user: flags.as || user.as,
    groups: groups.length > 0 ? groups : user.asGroups,
    uid: flags.asUid || user.asUid,
    extra: user.asUserExtra,
  };
  if (asked.user === '' && (asked.groups.length > 0 || asked.uid !== '' || Object.keys(asked.extra).length > 0)) {
    throw new KprError('Groups, a uid or extras are to be impersonated, but no user', 'Add --as USER');
  }
  return asked;
}

function identityOf(flags: ConnectionFlags, user: KubeconfigUser, cluster: unknown): Identity {
  if (flags.token) return { kind: 'token', token: flags.token };
  if (user.tokenFile) return { kind: 'tokenFile', file: user.tokenFile, fallback: user.token };
  if (user.token) return { kind: 'token', token: user.token };
  if (user.username) return { kind: 'basic', username: user.username, password: user.password };
  if (user.exec) return { kind: 'exec', exec: user.exec, cluster: user.exec.provideClusterInfo ? cluster : undefined };
  if (user.authProvider) return { kind: 'authProvider', ...user.authProvider };
  return { kind: 'none' };
}

/**
 * The cluster of the context with the flags laid over it, by the rules of clientcmd's DirectClientConfig.getCluster.
 */
function overrideCluster(flags: ConnectionFlags, cluster: KubeconfigCluster): KubeconfigCluster {
  const server = flags.server ? { server: flags.server, tlsServerName: '' } : {};
  const name = flags.tlsServerName ? { tlsServerName: flags.tlsServerName } : {};
  // Whichever of the two is given on the command line, what the kubeconfig says of both no longer counts.
  const trust =
    flags.insecureSkipTlsVerify || flags.certificateAuthority
      ? {
          insecureSkipTlsVerify: flags.insecureSkipTlsVerify === true,
          certificateAuthority: flags.certificateAuthority ?? '',
          certificateAuthorityData: '',
        }
      : {};
  return { ...cluster, ...server, ...name, ...trust };
}

function overrideUser(flags: ConnectionFlags, user: KubeconfigUser): KubeconfigUser {
  return {
    ...user,
    ...(flags.clientCertificate ? { clientCertificate: flags.clientCertificate, clientCertificateData: '' } : {}),
    ...(flags.clientKey ? { clientKey: flags.clientKey, clientKeyData: '' } : {}),
  };
}

/** The cluster as an exec plugin sees it (client.authentication.k8s.io, type Cluster). */
function clusterForPlugin(server: string, cluster: KubeconfigCluster, ca: string): unknown {
  return {
    server,
    ...(cluster.tlsServerName ? { 'tls-server-name': cluster.tlsServerName } : {}),
    ...(cluster.insecureSkipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(ca ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') } : {}),
    ...(cluster.proxyUrl ? { 'proxy-url': cluster.proxyUrl } : {}),
    ...(cluster.disableCompression ? { 'disable-compression': true } : {}),
    ...(cluster.execConfig === undefined ? {} : { config: cluster.execConfig }),
  };
}

function clientCertificateOf(user: KubeconfigUser, readFile: ReadFile): Connection['clientCertificate'] {
  const cert = pemOf('client certificate', user.clientCertificateData, user.clientCertificate, readFile);
  const key = pemOf('client key', user.clientKeyData, user.clientKey, readFile);
  checkCertificate('client certificate', cert);
  if (cert !== '' && key !== '') return { cert, key };
  if (cert === '' && key === '') return undefined;
  const [has, lacks] = cert ? ['certificate', 'key'] : ['key', 'certificate'];
  throw new KprError(`There is a client ${has} but no client ${lacks}`, `Give --client-${lacks} FILE too`);
}
