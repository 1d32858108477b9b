import { chmodSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { startProxy, startSocks } from '../collect/live/testProxies.ts';
import { fixturePath, jwt, type KubeconfigParts, temporaryFolder } from '../collect/live/testServer.ts';

/** A way to a cluster: what the kubeconfig says of it, and what a request must have brought with it then. */
export interface Way {
  readonly parts: KubeconfigParts;
  /** Where the kubeconfig says that the server is, if not at its own address. */
  readonly url?: string;
  readonly flags?: readonly string[];
  readonly seen: () => Readonly<Record<string, unknown>>;
}

/** What can be seen of it: header fields, and the common name of the client certificate (Node's name for it: CN). */
export const identityOf = ({ headersDistinct, socket }: IncomingMessage): Readonly<Record<string, unknown>> => {
  const subject =
    'getPeerCertificate' in socket ? (socket.getPeerCertificate as () => { subject?: unknown })().subject : undefined;
  const { authorization, 'impersonate-user': user, 'impersonate-group': groups } = headersDistinct;
  return JSON.parse(JSON.stringify({ authorization, user, groups, subject })) as Readonly<Record<string, unknown>>;
};

const bearer = (token: string) => () => ({ authorization: [`Bearer ${token}`] });
const token = { token: 'a-token' };

const execPlugin = (): Record<string, unknown> => {
  const command = join(temporaryFolder(), 'get-token');
  const apiVersion = 'client.authentication.k8s.io/v1';
  const credential = { apiVersion, kind: 'ExecCredential', status: { token: 'of-a-plugin' } };
  writeFileSync(command, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`);
  chmodSync(command, 0o755);
  return { apiVersion, command, interactiveMode: 'Never' };
};

/** Each is made when its test begins; `port` is that of the API server. */
export const ways: Readonly<Record<string, (port: number) => Promise<Way>>> = {
  'a token': async () => ({ parts: { user: token }, seen: bearer('a-token') }),
  'a client certificate': async () => ({
    parts: { user: { 'client-certificate': fixturePath('client.crt'), 'client-key': fixturePath('client.key') } },
    seen: () => ({ subject: { CN: 'kpr test client', O: 'kpr' } }),
  }),
  'a credential plugin': async () => ({ parts: { user: { exec: execPlugin() } }, seen: bearer('of-a-plugin') }),
  'OpenID Connect': async () => {
    const idToken = jwt(33_000_000_000);
    return {
      parts: { user: { 'auth-provider': { name: 'oidc', config: { 'id-token': idToken } } } },
      seen: bearer(idToken),
    };
  },
  'somebody else’s groups': async () => ({
    parts: { user: token },
    flags: ['--as', 'jane', '--as-group', 'one', '--as-group', 'a, b'],
    seen: () => ({ ...bearer('a-token')(), user: ['jane'], groups: ['one', 'a, b'] }),
  }),
  'an HTTP proxy': async (port) => {
    const proxy = await startProxy(port);
    return {
      url: 'https://kpr.test:6443',
      parts: { user: token, cluster: { 'proxy-url': `http://127.0.0.1:${proxy.port}` } },
      seen: bearer('a-token'),
    };
  },
  'a SOCKS proxy': async (port) => {
    const proxy = await startSocks(port);
    return {
      url: 'https://kpr.test:6443',
      parts: { user: token, cluster: { 'proxy-url': `socks5://127.0.0.1:${proxy.port}` } },
      seen: bearer('a-token'),
    };
  },
};
