import { apiServers } from '../../src/expect/apiServers.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';

/** The address to recommend; words to replace, where the cluster does not tell one. */
export function endpointParams({ facts }: Snapshot): { readonly apiHost: string; readonly apiPort: string } {
  const server = apiServers(facts)[0];
  return { apiHost: server?.host ?? 'API_SERVER_ADDRESS', apiPort: server?.port ?? '6443' };
}
