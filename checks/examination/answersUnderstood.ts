import { defineOldCheck as defineCheck } from '../../src/core/OldCheck.ts';
import { finding } from '../../src/core/Finding.ts';
import { agentCommands, answersOf } from '../../src/knowledge/nodeCommands.ts';
import { isKnown, type Missing } from '../../src/model/Fact.ts';
import type { NodeFactName } from '../../src/model/NodeFacts.ts';
import type { ClusterFactName } from '../../src/model/Snapshot.ts';
import { kpr9003 } from './problems/KPR9003.ts';

/** kube-proxy's table is made of answers that other facts are made of, too. */
const nodeFacts = (Object.keys(answersOf) as NodeFactName[]).filter(
  (name) => name !== 'agentTable' && name !== 'proxyTable',
);
/** What a person types to see the documents behind the cluster facts. */
const documents: Readonly<Record<ClusterFactName, string>> = {
  version: 'kubectl get --raw /version',
  nodes: 'kubectl get nodes -o json',
  services: 'kubectl get services -A -o json',
  endpointSlices: 'kubectl get endpointslices -A -o json',
  daemonSets: 'kubectl get daemonsets -A -o json',
  deployments: 'kubectl -n kube-system get deployments -o json',
  systemPods: 'kubectl -n kube-system get pods -o json',
  pods: 'kubectl get pods -A -o json',
  localRedirectPolicies: 'kubectl get ciliumlocalredirectpolicies -A -o json',
  ciliumConfig: 'kubectl get configmaps -A --field-selector metadata.name=cilium-config -o json',
  ciliumNodeConfigs: 'kubectl get ciliumnodeconfigs -A -o json',
  kubeProxyConfig: 'kubectl -n kube-system get configmap kube-proxy -o json',
  kubeadmConfig: 'kubectl -n kube-system get configmap kubeadm-config -o json',
  clusterInfo: 'kubectl -n kube-public get configmap cluster-info -o json',
};
const clusterFacts = Object.keys(documents) as ClusterFactName[];

export const answersUnderstood = defineCheck({
  id: 'answers-understood',
  title: 'Every answer that came was understood',
  area: 'examination',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr9003],
  needs: {},
  wants: { cluster: clusterFacts, node: nodeFacts },
  run({ snapshot, nodes }) {
    const unread = clusterFacts.flatMap((name) => {
      const fact = snapshot.facts[name];
      if (!isUnparsed(fact)) return [];
      return [
        finding(
          kpr9003,
          'document',
          { document: name },
          { evidence: [{ command: documents[name], lines: [fact.detail] }] },
        ),
      ];
    });
    const answers = nodes.flatMap(({ name, snapshot: node }) =>
      nodeFacts.flatMap((factName) => {
        const fact = node.facts[factName];
        if (!isUnparsed(fact)) return [];
        const command = shown(factName);
        return [
          finding(
            kpr9003,
            isFailure(fact) ? 'failed' : 'answer',
            { command },
            { nodes: [name], evidence: [{ node: name, command, lines: [fact.detail] }] },
          ),
        ];
      }),
    );
    const objects = snapshot.malformed.map(({ document, object, why }) =>
      finding(
        kpr9003,
        'object',
        { document, object, why },
        { evidence: [{ command: documents[document], lines: [`${object}: ${why}`] }] },
      ),
    );
    const rows = nodes.flatMap(({ name, snapshot: { facts } }) => {
      if (!isKnown(facts.lbTable)) return [];
      const { value, source } = facts.lbTable;
      const [first] = value.notUnderstood;
      if (first === undefined) return [];
      return finding(
        kpr9003,
        'rows',
        { count: value.notUnderstood.length, why: first.why },
        { nodes: [name], evidence: [{ node: name, command: source, lines: [first.line] }] },
      );
    });
    return [...unread, ...objects, ...answers, ...rows];
  },
});

const isUnparsed = (fact: object): fact is Missing => 'missing' in fact && fact.missing === 'unparsed';

/** The program ended with an error, and what it said is no known reason. */
const isFailure = ({ detail }: Missing): boolean => /ended with status \d/.test(detail);

/**
 * The first command behind a fact, as a person types it; the fact's name for what is no command (probes,
 * kube-proxy's pod).
 */
function shown(fact: NodeFactName): string {
  const [first] = answersOf[fact];
  const command = Object.entries(agentCommands).find(([name]) => name === first);
  return command?.[1].shown ?? fact;
}
