import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, pass } from '../../src/core/Outcome.ts';
import { hostPort } from '../../src/expect/api-server/apiEndpoint.ts';
import { sinceLast } from '../../src/expect/agent/sinceLast.ts';
import { apiServers } from '../../src/expect/api-server/apiServers.ts';
import { lostApiServer } from '../../src/expect/api-server/lostApiServer.ts';
import { refusedCalls } from '../../src/expect/api-server/refusedCalls.ts';
import { type NodeParity, tableParity } from '../../src/expect/parity/tableParity.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import type { Frame } from '../../src/model/Snapshot.ts';
import { lastWords } from '../agents/lastWords.ts';
import { kpr2002 } from './problems/KPR2002.ts';

/** Agents that have lost the API server go on with what they knew, and look well: this is what gives them away. */
export const apiCallsAnswered = defineCheck({
  id: 'api-calls-answered',
  title: 'The API server answers the agents’ calls, and refuses none',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr2002],
  optional: { cluster: ['systemPods'], node: ['status', 'failedCalls', 'metrics', 'apiProbe'] },
  uses: [lostApiServer, apiServers, tableParity],
  run({ cluster, nodes, frame, derived, evidence }) {
    const known = derived(apiServers).map(({ host, port, from }) => `${hostPort(host, port)} (${from})`);
    const expected = known.length === 0 ? {} : { expected: known.join(', ') };
    const operators = (valueOf(cluster.systemPods) ?? []).flatMap((pod) => {
      const said = lostLease(pod, frame);
      return said === undefined ? [] : [evidence('systemPods', { lines: said.split('\n'), of: [pod.metadata.name] })];
    });
    return forEachNode(nodes, (node) => {
      const { status, failedCalls, metrics, apiProbe } = node.facts;
      // That nobody answers there at all is named by api-endpoint-answers.
      if (isKnown(apiProbe) && apiProbe.value.connect !== 'open') return pass;
      const lost = node.derived(lostApiServer);
      if (lost !== undefined) {
        const seen = [node.evidence(lost.by, lost.detail), ...operators];
        const since = sinceLast(valueOf(status)?.heartbeat, frame.takenAt);
        const about = { nodes: [node.name], ...expected, evidence: seen, since };
        return finding(kpr2002, 'lost', { detail: lost.detail }, about);
      }
      const refused = refusedCalls(metrics);
      if (refused !== undefined && lags(node.derived(tableParity))) {
        const seen = node.evidence('metrics', `k8s_client_api_calls_total return_code=403 ${refused}`);
        return finding(kpr2002, 'forbidden', {}, { nodes: [node.name], evidence: [seen] });
      }
      return isKnown(status) || isKnown(failedCalls) ? pass : inconclusive(status);
    });
  },
});

/** Whether the agent itself has not what the API has: what is lost on the way to the map, no right would bring. */
const lags = (table: NodeParity): boolean =>
  table.judged && table.differences.some(({ layer }) => layer !== 'agentToMap');

/** How long ago an end still tells of now. */
const recentMs = 10 * 60_000;

/** An operator that ended just before because it could not renew its lease: it has lost the API server, too. */
function lostLease({ metadata, status }: Pod, { cilium, takenAt }: Frame): string | undefined {
  if (metadata.namespace !== cilium.namespace || metadata.labels?.['io.cilium/app'] !== 'operator') return undefined;
  const ended = status?.containerStatuses?.find(({ state, lastState }) => {
    const end = state?.terminated ?? lastState?.terminated;
    const age = Date.parse(takenAt) - Date.parse(end?.finishedAt ?? '');
    return age < recentMs && /leader ?election lost|failed to renew lease/i.test(end?.message ?? '');
  });
  return ended && `${metadata.name}: ${lastWords(ended)}`;
}
