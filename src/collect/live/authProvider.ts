import { readFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, setGlobalDispatcher } from 'undici';

/**
 * The Authorization header that one of client-node's providers (oidc, gcp, azure) makes of what the kubeconfig says;
 * undefined if it makes none. Rejects with what the provider says: it may ask an issuer or run a program.
 *
 * A module of its own, to be imported only when a kubeconfig asks for a provider: the public entry of client-node is
 * its whole generated client, 0.3 s by Node. By a static import the bundle keeps the part of it that is used.
 */
export async function authProviderHeader(
  name: string,
  config: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: [{ name: 'cluster', server: 'https://not-used.invalid' }],
    users: [{ name: 'user', authProvider: { name, config: name === 'oidc' ? withIssuer(config) : { ...config } } }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  const options: { headers?: Record<string, string | undefined> } = {};
  await kubeConfig.applyToHTTPSOptions(options);
  return options.headers?.['Authorization'];
}

/**
 * client-node 2.0.1 cannot renew a token as it stands. It hands the issuer to openid-client 6 as text, which takes
 * nothing but a URL. And of an issuer with an authority of its own it hands on answers that openid-client does not take
 * for such: therefore fetch, which nothing else here uses, is told of that authority instead.
 */
function withIssuer(config: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const {
    'idp-issuer-url': issuer = '',
    'idp-certificate-authority': file = '',
    'idp-certificate-authority-data': data = '',
    ...others
  } = config;
  const ca = data ? Buffer.from(data, 'base64') : file ? readFileSync(file) : undefined;
  if (ca !== undefined) setGlobalDispatcher(new Agent({ connect: { ca } }));
  return { ...others, 'idp-issuer-url': URL.canParse(issuer) ? new URL(issuer) : issuer };
}
