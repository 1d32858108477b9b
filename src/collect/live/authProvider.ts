import { KubeConfig } from '@kubernetes/client-node';

/**
 * The Authorization header that one of client-node's providers (oidc, gcp, azure) makes of what the kubeconfig
 * says; undefined if it makes none. Rejects with what the provider says: gcp and azure may run the program that
 * is named there.
 *
 * A refresh token is kept from it. Many issuers take one once only and give the next with the answer; kubectl writes
 * that down, this program writes nothing, and so the person would be logged out by it.
 *
 * A module of its own, to be imported only when a kubeconfig asks for a provider: the public entry of client-node is
 * its whole generated client, 0.3 s by Node. By a static import the bundle keeps the part of it that is used.
 */
export async function authProviderHeader(
  name: string,
  config: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const held = Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'refresh-token'));
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromOptions({
    clusters: [{ name: 'cluster', server: 'https://not-used.invalid' }],
    users: [{ name: 'user', authProvider: { name, config: held } }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  const options: { headers?: Record<string, string | undefined> } = {};
  await kubeConfig.applyToHTTPSOptions(options);
  return options.headers?.['Authorization'];
}
