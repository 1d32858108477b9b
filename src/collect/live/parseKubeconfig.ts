import { dirname, isAbsolute, join } from 'node:path';
import { CORE_SCHEMA as coreSchema, load, mergeTag, YAMLException } from 'js-yaml';
import { KprError } from '../../core/KprError.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';
import { oneLine } from '../../text/visible.ts';
import type { ExecConfig, Kubeconfig, KubeconfigCluster, KubeconfigContext, KubeconfigUser } from './Kubeconfig.ts';

/** The core schema leaves timestamps (tokens' expiry) texts; kubectl's YAML reader knows `<<` besides. */
const schema = coreSchema.withTags(mergeTag);

const execExtension = 'client.authentication.k8s.io/exec';

/**
 * One kubeconfig file. An empty file is an empty kubeconfig, as for kubectl. Relative paths of certificates, keys,
 * token files and plugins are meant from the folder of the file that names them. Throws KprError if the text is
 * something else.
 */
export function parseKubeconfig(content: string, file: string): Kubeconfig {
  let document: unknown;
  try {
    // To js-yaml an empty text is not a YAML document.
    document = content.trim() === '' ? {} : load(content, { schema });
  } catch (error) {
    throw notAKubeconfig(file, faultOf(error));
  }
  if (document === null || document === undefined) document = {};
  if (!isRecord(document)) throw notAKubeconfig(file, 'it holds no fields');
  const folder = dirname(file);
  const resolve = (path: string): string => (path === '' || isAbsolute(path) ? path : join(folder, path));
  const read = <T>(list: string, field: string, readItem: (raw: JsonObject) => T): Map<string, T> => {
    const items = entry(document)[list] ?? [];
    if (!Array.isArray(items)) throw notAKubeconfig(file, `"${list}" is not a list`);
    const map = new Map<string, T>();
    for (const item of items.filter(isRecord)) {
      const name = text(item['name']);
      if (map.has(name)) throw notAKubeconfig(file, `"${list}" names ${name} twice`);
      map.set(name, readItem(entry(item[field])));
    }
    return map;
  };
  return {
    clusters: read('clusters', 'cluster', (raw) => readCluster(raw, resolve)),
    users: read('users', 'user', (raw) => readUser(raw, resolve)),
    contexts: read('contexts', 'context', readContext),
    currentContext: text(document['current-context']),
  };
}

const entry = (value: unknown): JsonObject => (isRecord(value) ? value : {});

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(text) : []);

function textMap(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(entry(value)).map(([key, item]) => [key, text(item)]));
}

function namedValue(list: unknown, name: string, field: string): unknown {
  return Array.isArray(list) ? list.filter(isRecord).find((item) => item['name'] === name)?.[field] : undefined;
}

function readCluster(raw: JsonObject, resolve: (path: string) => string): KubeconfigCluster {
  return {
    server: text(raw['server']),
    certificateAuthority: resolve(text(raw['certificate-authority'])),
    certificateAuthorityData: text(raw['certificate-authority-data']),
    insecureSkipTlsVerify: raw['insecure-skip-tls-verify'] === true,
    tlsServerName: text(raw['tls-server-name']),
    proxyUrl: text(raw['proxy-url']),
    disableCompression: raw['disable-compression'] === true,
    execConfig: namedValue(raw['extensions'], execExtension, 'extension'),
  };
}

function readExec(raw: JsonObject, resolve: (path: string) => string): ExecConfig {
  const command = text(raw['command']);
  const env = Array.isArray(raw['env']) ? raw['env'].filter(isRecord) : [];
  const mode = text(raw['interactiveMode']);
  return {
    apiVersion: text(raw['apiVersion']),
    // A bare name is looked up on PATH; anything with a separator is a path, relative to the file
    // (clientcmd/loader.go).
    command: /[/\\]/.test(command) ? resolve(command) : command,
    args: texts(raw['args']),
    env: Object.fromEntries(env.map((item) => [text(item['name']), text(item['value'])])),
    installHint: text(raw['installHint']),
    provideClusterInfo: raw['provideClusterInfo'] === true,
    interactiveMode: mode === 'Never' || mode === 'Always' ? mode : 'IfAvailable',
  };
}

function readUser(raw: JsonObject, resolve: (path: string) => string): KubeconfigUser {
  const provider = raw['auth-provider'];
  return {
    token: text(raw['token']),
    tokenFile: resolve(text(raw['tokenFile'])),
    username: text(raw['username']),
    password: text(raw['password']),
    clientCertificate: resolve(text(raw['client-certificate'])),
    clientCertificateData: text(raw['client-certificate-data']),
    clientKey: resolve(text(raw['client-key'])),
    clientKeyData: text(raw['client-key-data']),
    as: text(raw['as']),
    asUid: text(raw['as-uid']),
    asGroups: texts(raw['as-groups']),
    asUserExtra: Object.fromEntries(
      Object.entries(entry(raw['as-user-extra'])).map(([key, value]) => [key, texts(value)]),
    ),
    exec: isRecord(raw['exec']) ? readExec(raw['exec'], resolve) : undefined,
    authProvider: isRecord(provider)
      ? { name: text(provider['name']), config: textMap(provider['config']) }
      : undefined,
  };
}

function readContext(raw: JsonObject): KubeconfigContext {
  return {
    cluster: text(raw['cluster']),
    user: text(raw['user']),
    namespace: text(raw['namespace']),
  };
}

function notAKubeconfig(file: string, why: string): KprError {
  return new KprError(
    `${file} is not a kubeconfig: ${why}`,
    `Look at it with: kubectl --kubeconfig ${file} config view`,
  );
}

/** The reason and the line: the parser's own message quotes the file, which holds tokens and keys. */
function faultOf(error: unknown): string {
  if (!(error instanceof YAMLException)) return 'it cannot be parsed';
  const line = error.mark === undefined ? '' : ` in line ${error.mark.line + 1}`;
  // What stands behind such a mark is a word of the file: an alias, a tag.
  const [reason = ''] = error.reason.split(/[:"'<!*]/);
  return `${oneLine(reason, 80)}${line}`;
}
