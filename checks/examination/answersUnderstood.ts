import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { inconclusive, type Objection, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { everything } from '../../src/core/everything.ts';
import { agentCommands, answersOf, nodeFactNames, shownCommand } from '../../src/knowledge/nodeCommands.ts';
import { type Fact, type Missing, missing, valueOf } from '../../src/model/Fact.ts';
import type { IptablesDump, NodeFactName } from '../../src/model/NodeFacts.ts';
import type { AnswerName } from '../../src/model/raw.ts';
import type { ClusterFactName, MalformedObject } from '../../src/model/Snapshot.ts';
import { count } from '../../src/text/plural.ts';
import { whyUnread } from './whyUnread.ts';
import { kpr9003 } from './problems/KPR9003.ts';

/**
 * kube-proxy's table is made of answers that other facts are made of, too; agents' tables are asked for now and then.
 */
const nodeFacts = nodeFactNames.filter((name) => name !== 'agentTable' && name !== 'proxyTable');
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
  ciliumNodes: 'kubectl get ciliumnodes -o json',
  localRedirectPolicies: 'kubectl get ciliumlocalredirectpolicies -A -o json',
  ciliumConfig: 'kubectl get configmaps -A --field-selector metadata.name=cilium-config -o json',
  ciliumNodeConfigs: 'kubectl get ciliumnodeconfigs -A -o json',
  kubeProxyConfig: 'kubectl -n kube-system get configmap kube-proxy -o json',
  kubeadmConfig: 'kubectl -n kube-system get configmap kubeadm-config -o json',
  kubeletConfig: 'kubectl -n kube-system get configmap kubelet-config -o json',
  clusterInfo: 'kubectl -n kube-public get configmap cluster-info -o json',
};
const clusterFacts = Object.keys(documents) as ClusterFactName[];

export const answersUnderstood = defineCheck({
  id: 'answers-understood',
  title: 'Every answer that was received was understood',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr9003],
  optional: everything,
  run: ({ cluster, malformed, nodes: all }) => {
    // Of nodes of which nothing came, that is one fault, and told by the check of nodes.
    const nodes = all.filter(({ facts }) => whyUnread(facts) === undefined);
    const told = new Set(clusterFacts.flatMap((name) => (isUnparsed(cluster[name]) ? cluster[name].detail : [])));
    return passUnless([
      ...clusterFacts.flatMap((name) => ofDocument(name, cluster[name])),
      ...ofObjects(malformed),
      // What was left out may be what would have been found: of each list it is said once.
      ...[...new Set(malformed.map(({ document }) => document))].map((document) =>
        inconclusive(missing('unparsed', `objects of ${document} are not shaped as the API defines them`)),
      ),
      ...nodes.flatMap((node) => nodeFacts.flatMap((name) => ofAnswer(node, name, told))),
      ...nodes.flatMap(ofDumps),
      ...nodes.flatMap(ofRows),
    ]);
  },
});

type View = NodeView<never, NodeFactName>;

/**
 * Whatever was asked may have told of something that nothing else tells, so that an answer in which nothing can be read
 * is a warning for people, and unknown for a gate.
 */
function ofDocument(name: ClusterFactName, fact: Fact<unknown>): Objection<'KPR9003'>[] {
  if (!isUnparsed(fact)) return [];
  const evidence = [{ command: documents[name], lines: [fact.detail] }];
  return [finding(kpr9003, 'document', { document: name }, { evidence }), inconclusive(fact)];
}

/** How many kinds of malformation of one document are told apart; there may be one for each object. */
const maxKinds = 10;
/** Objects of a kind that are named: enough to see what they have in common. */
const named = 3;

/** One finding for each kind, not for each object: there may be as many as a list is long. */
function ofObjects(malformed: readonly MalformedObject[]): Finding<'KPR9003'>[] {
  const kinds = new Map<string, Map<string, [MalformedObject, ...MalformedObject[]]>>();
  for (const one of malformed) {
    const ofDocument = kinds.get(one.document) ?? new Map<string, [MalformedObject, ...MalformedObject[]]>();
    kinds.set(one.document, ofDocument);
    const kind = kindOf(one);
    const key = ofDocument.size < maxKinds || ofDocument.has(kind) ? kind : 'others';
    const alike = ofDocument.get(key);
    if (alike === undefined) ofDocument.set(key, [one]);
    else alike.push(one);
  }
  return [...kinds.values()].flatMap((ofDocument) => [...ofDocument.values()].map(ofKind));
}

/** What is wrong, and with which member: not in which place of a list, and not what stands there. */
const kindOf = ({ why }: MalformedObject): string =>
  why.replace(/ but received [^]*$/, '').replaceAll(/\.\d+(?=[.:])/g, '.*');

function ofKind(alike: readonly [MalformedObject, ...MalformedObject[]]): Finding<'KPR9003'> {
  const [{ document, object, why }] = alike;
  const lines = alike.slice(0, named).map((one) => `${one.object}: ${one.why}`);
  const evidence = [{ command: documents[document], lines }];
  return alike.length === 1
    ? finding(kpr9003, 'object', { document, object, why }, { evidence })
    : finding(kpr9003, 'objects', { document, object, why, count: alike.length }, { evidence });
}

/** @param told why lists were not understood: who was not asked for that reason has not answered wrongly */
function ofAnswer({ name, facts }: View, factName: NodeFactName, told: ReadonlySet<string>): Objection<'KPR9003'>[] {
  const fact: Fact<unknown> = facts[factName];
  if (!isUnparsed(fact)) return [];
  if (told.has(fact.detail)) return [inconclusive(fact, name)];
  const [answer] = answersOf[factName];
  const command = shownCommand(answer);
  const about = { nodes: [name], evidence: [{ node: name, command: fact.source ?? command, lines: [fact.detail] }] };
  if (!Object.hasOwn(agentCommands, answer))
    return [finding(kpr9003, 'elsewhere', { what: elsewhere(factName) }, about), inconclusive(fact, name)];
  return [finding(kpr9003, isFailure(fact) ? 'failed' : 'answer', { command }, about), inconclusive(fact, name)];
}

/** Four answers are one fact, which is known as soon as one of them is. */
function ofDumps({ name, facts }: View): Objection<'KPR9003'>[] {
  return (valueOf(facts.iptables) ?? []).flatMap(({ backend, family, tables }) => {
    if (!isUnparsed(tables)) return [];
    const command = shownCommand(dumpNames[backend][family]);
    const evidence = [{ node: name, command: tables.source ?? command, lines: [tables.detail] }];
    const variant = isFailure(tables) ? 'failed' : 'answer';
    return [finding(kpr9003, variant, { command }, { nodes: [name], evidence }), inconclusive(tables, name)];
  });
}

const dumpNames = {
  nft: { ipv4: 'iptablesNft', ipv6: 'ip6tablesNft' },
  legacy: { ipv4: 'iptablesLegacy', ipv6: 'ip6tablesLegacy' },
} as const satisfies Readonly<Record<IptablesDump['backend'], Readonly<Record<IptablesDump['family'], AnswerName>>>>;

/** A row that cannot be read may be one that nobody asks for, and a node that contradicts itself may do so again. */
function ofRows({ name, facts: { lbTable } }: View): Objection<'KPR9003'>[] {
  const { notUnderstood = [], doubt } = valueOf(lbTable) ?? {};
  const about = (line: string) => ({
    nodes: [name],
    evidence: [{ node: name, command: lbTable.source ?? '', lines: [line] }],
  });
  const unknown = (why: string) => inconclusive(missing('unparsed', `the load-balancing maps: ${why}`), name);
  const [first] = notUnderstood;
  return [
    ...(first === undefined
      ? []
      : [
          finding(kpr9003, 'rows', { rows: count(notUnderstood.length, 'row'), why: first.why }, about(first.line)),
          unknown(first.why),
        ]),
    ...(doubt === undefined ? [] : [finding(kpr9003, 'inLittle', { why: doubt }, about(doubt)), unknown(doubt)]),
  ];
}

const isUnparsed = (fact: Fact<unknown>): fact is Missing => 'missing' in fact && fact.missing === 'unparsed';

/** The program ended with an error, and what it said is no known reason. */
const isFailure = ({ detail }: Missing): boolean => /ended with status \d/.test(detail);

/** What is no command of the agent's container: with the evidence stands how to repeat it. */
function elsewhere(fact: NodeFactName): string {
  if (fact === 'apiProbe') return 'the connection to the API server';
  if (fact === 'dnsProbe') return 'the probe of cluster DNS';
  if (fact === 'serversProbe') return 'the connections to each API server';
  if (fact === 'failedCalls') return 'the agent’s log';
  return 'kube-proxy’s own program';
}
