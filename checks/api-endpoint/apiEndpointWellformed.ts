import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { inconclusive, passUnless } from '../../src/core/Outcome.ts';
import { type ApiClient, apiClients } from '../../src/expect/api-server/apiClients.ts';
import { type Malformation, malformationOf } from '../../src/expect/api-server/apiEndpoint.ts';
import { apiServers } from '../../src/expect/api-server/apiServers.ts';
import { missing } from '../../src/model/Fact.ts';
import { endpointParams } from './endpointParams.ts';
import { kpr2004 } from './problems/KPR2004.ts';

export const apiEndpointWellformed = defineCheck({
  id: 'api-endpoint-wellformed',
  title: 'The API server’s address is one that a client can use',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr2004],
  requires: { cluster: ['daemonSets'] },
  uses: [apiClients, apiServers],
  run({ derived, evidence }) {
    const clients = derived(apiClients);
    if (!clients.some(({ role }) => role === 'agent')) {
      return inconclusive(
        missing('absent', 'no DaemonSet or pod of the agents was found that holds the API server’s address'),
      );
    }
    return passUnless(
      malformed(clients).map(({ why, host, port, owners }) =>
        finding(
          kpr2004,
          'malformed',
          {
            host: quoted(host),
            port: quoted(port),
            why: reasons[why],
            who: owners.map(({ name }) => name).join(', '),
            ...endpointParams(derived(apiServers)),
          },
          {
            objects: owners,
            evidence: [evidence('daemonSets', `KUBERNETES_SERVICE_HOST=${host} KUBERNETES_SERVICE_PORT=${port}`)],
          },
        ),
      ),
    );
  },
});

const reasons: Readonly<Record<Malformation, string>> = {
  scheme: 'is a URL; it takes the address or name alone',
  portInHost: 'has a port behind the host; that belongs in KUBERNETES_SERVICE_PORT',
  whitespace: 'contains white space',
  emptyHost: 'is empty',
  auto: 'was not replaced by Helm: auto needs ConfigMap kube-public/cluster-info while it installs',
  brackets: 'has brackets; clients put them around IPv6 addresses themselves',
  path: 'has a path; it takes the address or name alone',
  port: 'is no port between 1 and 65535',
};

interface Malformed {
  readonly why: Malformation;
  readonly host: string;
  readonly port: string;
  readonly owners: ApiClient['owner'][];
}

/** One for each malformed value, with the templates (or, where there are none, the pods) that have it. */
function malformed(clients: readonly ApiClient[]): readonly Malformed[] {
  const templated = new Set(clients.filter(({ node }) => node === undefined).map(({ role }) => role));
  const values = new Map<string, Malformed>();
  for (const { endpoint, owner, role, node } of clients) {
    if (endpoint.kind !== 'set' || (node !== undefined && templated.has(role))) continue;
    const { host, port } = endpoint;
    const why = malformationOf(host, port);
    if (why === undefined) continue;
    const key = JSON.stringify([host, port]);
    const value = values.get(key) ?? { why, host, port: port ?? '', owners: [] };
    values.set(key, value);
    if (!value.owners.some(({ kind, name }) => kind === owner.kind && name === owner.name)) value.owners.push(owner);
  }
  return [...values.values()];
}

const quoted = (text: string): string => (text === '' ? '(empty)' : `"${text}"`);
