import type { ApiServerAddress } from '../../src/expect/api-server/apiServers.ts';

/**
 * The address to recommend; a word to replace, where the cluster does not tell one that stands for all its API servers.
 */
export function endpointParams(servers: readonly ApiServerAddress[]): {
  readonly apiHost: string;
  readonly apiPort: string;
} {
  const shared = servers.find(({ shared }) => shared) ?? (servers.length === 1 ? servers[0] : undefined);
  return { apiHost: shared?.host ?? 'ADDRESS_OF_ALL_API_SERVERS', apiPort: shared?.port ?? servers[0]?.port ?? '6443' };
}
