import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { apiServerAddresses } from '../expect/api-server/apiServerAddresses.ts';
import { findClusterDns } from '../expect/clusterDns.ts';
import { planReach, type ReachPlan } from '../expect/reach/planReach.ts';
import { reachDocuments, reachPlaces } from '../expect/reach/reachPlaces.ts';
import { agentCommands, ofFilesOnly, proxyCommands, shownCommand } from '../knowledge/nodeCommands.ts';
import { isKnown, missing, type Missing, valueOf } from '../model/Fact.ts';
import type { ClusterFacts } from '../model/Snapshot.ts';
import { isClusterOwned } from '../model/clusterOwned.ts';
import type { Pod } from '../model/kubernetes.ts';
import type { ReachPlace } from '../model/NodeFacts.ts';
import type { AnswerName, Origin, RawAnswer, RawDocuments, RawNode } from '../model/raw.ts';
import { DocumentReader } from '../parse/DocumentReader.ts';
import { agentNamespaceByPods, agentNamespaces, agentPodsIn } from '../parse/findCilium.ts';
import type { ChartValues } from '../knowledge/charts/ChartTable.ts';
import type { Answer, ClusterPort, ExecOutcome, ExecTarget } from './ClusterPort.ts';
import type { CollectPlan, CollectProgress, RawSink, RawSource } from './RawSource.ts';
import { agentPods, type AgentTarget } from './agentPods.ts';
import { agentScript, type DnsTarget, type ServerTarget } from './agentScript.ts';
import { collectDocuments, onlyDocuments } from './collectDocuments.ts';
import { connectInput } from './connect/connectInput.ts';
import { parseConnectEnds } from '../parse/parseConnectEnds.ts';
import { excerptOf } from '../parse/text.ts';
import { connectShell } from '../programs/programs.ts';
import type { ConnectEnd, ConnectPlace } from '../model/Connections.ts';
import { readSections } from './readSections.ts';
import { noReachInput, reachInput } from './reachInput.ts';
import { expectGarbageOf } from './tuneEngine.ts';

/** Most of a node's text is its LB table: 10,000 Services are some 20 MB, and agents have room for 65,536 rows. */
const maxNodeBytes = 64 * 1024 * 1024;
/** More API servers than that are not dialled. */
const maxServers = 8;
/** The program gives up after two seconds; to start it may take longer where a node has no processor to spare. */
const reachTimeoutMs = 8_000;
/** So long the script that asks all else waits for where connections are to go. */
const reachWaitMs = 1_500;
const maxReachBytes = 256 * 1024;
/** How many endpoints of cluster DNS are asked directly; more would not tell more. */
const maxDnsEndpoints = 2;

/**
 * A cluster, asked through a port: its agents side by side as soon as it is known where they are, all else meanwhile.
 */
export class LiveSource implements RawSource {
  readonly origin: Origin;
  readonly takenAt: string;
  readonly namespace: string | undefined;
  readonly reader = new DocumentReader();
  readonly #port: ClusterPort;

  constructor(port: ClusterPort & { readonly namespace?: string }, takenAt: string) {
    this.#port = port;
    this.takenAt = takenAt;
    this.namespace = port.namespace;
    this.origin = { kind: 'live', context: port.contextName, server: port.server, kubectl: port.kubectl };
  }

  async read(plan: CollectPlan, sink: RawSink, progress: CollectProgress): Promise<void> {
    const deadline = performance.now() + plan.runTimeoutMs;
    const { documents, ahead } = collectDocuments(this.#port, plan, this.reader);
    let first: Nodes | undefined;
    const everything = documents.then(async (all) => {
      await sink.documents(all);
      return nodesIn(all, plan, this.reader, first?.probes);
    });
    const reach = Promise.all([documents, everything]).then(([all, { withAgent }]) =>
      plan.answers.has('reachProbe') ? this.#reachPlan(all, withAgent) : undefined,
    );
    // Who waits for `everything` hears why there is none.
    reach.catch(() => {});
    const limit = pLimit(plan.concurrency);
    const started = new Map<string, { readonly target: NodeTarget; readonly done: Promise<void> }>();
    const ask = async (target: NodeTarget, probes: Probes): Promise<void> => {
      progress.nodeStarted(target.node);
      const timeoutMs = Math.min(plan.nodeTimeoutMs, deadline - performance.now());
      const own = plan.silentAgents?.has(target.node) === true ? withoutAgent(plan) : plan;
      const node = await this.#readNode(target, probes, reach, own, timeoutMs);
      // It keeps its place in the queue until it is handed over, so that no more than those are held in memory.
      const { targets } = await everything;
      if (!targets.some((one) => isSame(one, target))) return;
      await sink.node(node);
      progress.nodeDone(target.node);
    };
    let announced: number | undefined;
    const start = ({ targets, probes }: Nodes): void => {
      if (announced !== targets.length) progress.nodes(targets.length);
      announced = targets.length;
      for (const target of targets) {
        const before = started.get(target.node)?.target;
        if (before !== undefined && isSame(before, target)) continue;
        const done = limit(ask, target, probes);
        // Where the documents say that there is nothing to examine, nobody waits for it.
        done.catch(() => {});
        started.set(target.node, { target, done });
      }
    };
    const known = await Promise.race([ahead, everything]);
    if (known !== undefined && !('targets' in known)) {
      first = nodesIn(known, plan, this.reader);
      start(first);
    }
    const all = await everything;
    start(all);
    await Promise.all(all.targets.flatMap(({ node }) => started.get(node)?.done ?? []));
  }

  async connect(
    target: ExecTarget,
    places: readonly ConnectPlace[],
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<ReadonlyMap<number, ConnectEnd> | Missing> {
    const command = ['sh', '-c', connectShell];
    const stdin = connectInput(places);
    const outcome = await this.#port.exec(target, command, { ...options, maxBytes: maxNodeBytes, stdin });
    if (outcome.end !== 'exited') return whyCut(outcome);
    const ends = parseConnectEnds(outcome.stdout);
    return ends.ok ? ends.value : missing('unparsed', `connections could not be opened: ${saidOf(outcome, ends.why)}`);
  }

  async releaseValues(namespace: string, release: string): Promise<Answer<ChartValues>> {
    // Nobody else needs it.
    return (await import('./readHelmRelease.ts')).readHelmRelease(this.#port, namespace, release);
  }

  async close(): Promise<void> {
    await this.#port.close();
  }

  async #readNode(
    { node, agent, kubeProxy }: NodeTarget,
    probes: Probes,
    reach: Promise<ReachPlan | undefined>,
    plan: CollectPlan,
    timeoutMs: number,
  ): Promise<RawNode> {
    const [own, proxy] = await Promise.all([
      agent === undefined ? {} : this.#askAgent(node, agent, probes, reach, plan, timeoutMs),
      this.#askKubeProxy(kubeProxy, plan, timeoutMs),
    ]);
    return { name: node, answers: { ...own, ...proxy } };
  }

  #reachPlan(all: RawDocuments, withAgent: ReadonlySet<string>): ReachPlan {
    const facts = this.reader.read(onlyDocuments(all, reachDocuments));
    return planReach(reachPlaces(facts, withAgent), this.takenAt);
  }

  /** By an exec of its own, which costs as much as all else: in a large cluster the API lists all pods late. */
  async #askReachLate(
    node: string,
    target: ExecTarget,
    places: readonly ReachPlace[],
    plan: CollectPlan,
    timeoutMs: number,
  ): Promise<RawAnswer> {
    const command = this.#reachCommand({ target }, node, places);
    if (plan.signal?.aborted) return { ...interrupted, command };
    const outcome = await this.#port.exec(target, ['perl', '-'], {
      timeoutMs: Math.min(timeoutMs, reachTimeoutMs),
      maxBytes: maxReachBytes,
      stdin: reachInput(node, places),
      ...(plan.signal && { signal: plan.signal }),
    });
    if (outcome.end !== 'exited') return { ...whyCut(outcome), command };
    const { stdout, stderr, exitCode } = outcome;
    return { text: stdout, stderr, exitCode, command };
  }

  #reachCommand(agent: Pick<AgentTarget, 'target'>, node: string, places: readonly ReachPlace[]): string {
    const first = places.find((place) => place.node !== node);
    return this.#execCommand(agent, shownCommand('reachProbe', undefined, undefined, first));
  }

  /**
   * Where connections to other nodes go is known only when the API has listed all pods, mostly while the agent is busy
   * with all else; so it is told then, for an exec of its own costs a node 60 ms of a processor.
   */
  async #askAgent(
    node: string,
    agent: AgentTarget,
    probes: Probes,
    reach: Promise<ReachPlan | undefined>,
    plan: CollectPlan,
    timeoutMs: number,
  ): Promise<RawNode['answers']> {
    const targets = { dns: known(probes.dns), servers: known(probes.servers) };
    const asked = [...plan.answers].filter((name) => !(name in proxyCommands) && !ofFilesOnly.has(name));
    const [dnsServer, apiServer] = [targets.dns[0]?.server, targets.servers.find(({ via }) => via === 'server')];
    const commandFor = (name: string): string => this.#execCommand(agent, shownCommand(name, dnsServer, apiServer));
    if (agent.target === undefined) return allMissing(asked, missing('absent', agent.why), commandFor);
    if (timeoutMs <= 0) return allMissing(asked, noTime, commandFor);
    if (plan.signal?.aborted) return allMissing(asked, interrupted, commandFor);

    const marker = `kpr-${randomBytes(9).toString('hex')}`;
    const limitSeconds = limitWithin(timeoutMs);
    const { command, stdin } = agentScript({ answers: plan.answers, targets, marker, limitSeconds });
    const places = reach.then((planned) => planned?.(node) ?? []);
    const early = Promise.race([places, delay(reachWaitMs, undefined, { ref: false })]).catch(() => undefined);
    const outcome = await this.#port.exec(agent.target, command, {
      timeoutMs,
      maxBytes: maxNodeBytes,
      stdin,
      ...(plan.answers.has('reachProbe') && { stdinLater: early.then((some) => inputFor(node, some)) }),
      ...(plan.signal && { signal: plan.signal }),
    });
    expectGarbageOf(outcome.stdout.length);
    const answers = readSections(outcome.stdout, asked, { marker, limitSeconds, commandFor, cut: whyCut(outcome) });
    for (const [name, asked] of [
      ['dnsProbe', probes.dns],
      ['serversProbe', probes.servers],
    ] as const)
      if ('missing' in asked && answers.has(name)) answers.set(name, { ...asked, command: commandFor(name) });
    const reached = answers.get('reachProbe');
    if (reached !== undefined) {
      const some = await places;
      const answer =
        some.length === 0
          ? nowhere
          : (await early) === undefined
            ? await this.#askReachLate(node, agent.target, some, plan, timeoutMs)
            : reached;
      answers.set('reachProbe', { ...answer, command: this.#reachCommand(agent, node, some) });
    }
    return Object.fromEntries(answers);
  }

  /**
   * kube-proxy's image may hold no shell, so each program is an exec of its own; they see what agents
   * cannot (nftables).
   */
  async #askKubeProxy(pod: Pod | undefined, plan: CollectPlan, timeoutMs: number): Promise<RawNode['answers']> {
    const asked = Object.entries(proxyCommands).filter(([name]) => plan.answers.has(name as AnswerName));
    const container = pod?.spec?.containers?.find(({ name }) => name === 'kube-proxy');
    if (pod === undefined || container === undefined || timeoutMs <= 0) return {};
    const target: ExecTarget = {
      namespace: pod.metadata.namespace ?? 'kube-system',
      pod: pod.metadata.name,
      container: container.name,
    };
    const answers = asked.map(async ([name, argv]): Promise<[string, RawAnswer]> => {
      const command = this.#execCommand({ target }, argv.join(' '));
      const outcome = await this.#port.exec(target, argv, {
        timeoutMs,
        maxBytes: maxNodeBytes,
        ...(plan.signal && { signal: plan.signal }),
      });
      if (outcome.end !== 'exited') return [name, { ...whyCut(outcome), command }];
      return [name, { text: outcome.stdout, stderr: outcome.stderr, exitCode: outcome.exitCode, command }];
    });
    return Object.fromEntries(await Promise.all(answers));
  }

  #execCommand({ target }: { readonly target: ExecTarget | undefined }, shown: string): string {
    if (target === undefined) return shown;
    return `${this.#port.kubectl} -n ${target.namespace} exec ${target.pod} -c ${target.container} -- ${shown}`;
  }
}

const inputFor = (node: string, places: readonly ReachPlace[] | undefined): Uint8Array =>
  places === undefined || places.length === 0 ? noReachInput : reachInput(node, places);

/** What is left to ask where the agent itself does not answer. */
const withoutAgent = (plan: CollectPlan): CollectPlan => ({
  ...plan,
  answers: new Set([...plan.answers].filter((name) => agentLane(name) !== 'agent')),
});

const agentLane = (name: AnswerName): string | undefined =>
  Object.entries(agentCommands).find(([known]) => known === name)?.[1].lane;

const nowhere = missing('absent', 'no pod of any node is known that could be asked');
const noTime = missing('timeout', 'not asked: the time for the whole run was up');
const interrupted = missing('notCollected', 'interrupted');

const allMissing = (names: readonly string[], why: Missing, commandFor: (name: string) => string): RawNode['answers'] =>
  Object.fromEntries(names.map((name) => [name, { ...why, command: commandFor(name) }]));

/** One hung command must leave the rest of the deadline to what comes after it, and to the way there and back. */
const limitWithin = (timeoutMs: number): number => Math.max(1, Math.floor(timeoutMs / 2000));

/** Where to send each probe, or why it can’t be sent anywhere. */
interface Probes {
  readonly dns: readonly DnsTarget[] | Missing;
  readonly servers: readonly ServerTarget[] | Missing;
}

const known = <T>(targets: readonly T[] | Missing): readonly T[] => ('missing' in targets ? [] : targets);

interface Nodes {
  /** All nodes that have one, whichever are asked. */
  readonly withAgent: ReadonlySet<string>;
  readonly targets: readonly NodeTarget[];
  readonly probes: Probes;
}

/** @param before where to send probes, when that is known already */
function nodesIn(documents: RawDocuments, plan: CollectPlan, reader: DocumentReader, before?: Probes): Nodes {
  const forProbes = before === undefined ? (['services', 'endpointSlices', 'kubeletConfig'] as const) : [];
  const facts = reader.read(onlyDocuments(documents, ['systemPods', 'daemonSets', ...forProbes]));
  const pods = valueOf(facts.systemPods) ?? [];
  const agents = agentsAmong(pods, facts, plan);
  return {
    withAgent: new Set(agents.flatMap(({ spec }) => spec?.nodeName ?? [])),
    targets: targetsOf(agents, pods, plan),
    probes: before ?? { dns: dnsTargetsFrom(facts), servers: serverTargetsFrom(facts) },
  };
}

/** None where it cannot be told whose pods bear the agents' label; whoever reads the documents says so. */
function agentsAmong(
  pods: readonly Pod[],
  { daemonSets }: Pick<ClusterFacts, 'daemonSets'>,
  { ciliumNamespace }: CollectPlan,
): readonly Pod[] {
  const listed = valueOf(daemonSets);
  const namespaces = listed === undefined ? [agentNamespaceByPods(pods)] : agentNamespaces(listed, pods);
  const [only, another] = ciliumNamespace === undefined ? namespaces : [ciliumNamespace];
  return only === undefined || another !== undefined ? [] : agentPodsIn(only, pods, listed);
}

/** Who is asked on a node: its agent, its kube-proxy, or both. */
interface NodeTarget {
  readonly node: string;
  readonly agent: AgentTarget | undefined;
  readonly kubeProxy: Pod | undefined;
}

const isSame = (a: NodeTarget, b: NodeTarget): boolean =>
  a.node === b.node &&
  a.agent?.target?.pod === b.agent?.target?.pod &&
  a.agent?.target?.namespace === b.agent?.target?.namespace &&
  a.agent?.why === b.agent?.why &&
  a.kubeProxy?.metadata.name === b.kubeProxy?.metadata.name &&
  a.kubeProxy?.metadata.namespace === b.kubeProxy?.metadata.namespace;

/** Nodes with an agent and, where kube-proxy is asked at all, those that have nothing but a kube-proxy. */
function targetsOf(agents: readonly Pod[], pods: readonly Pod[], plan: CollectPlan): readonly NodeTarget[] {
  const byNode = new Map(agentPods(agents).map((agent) => [agent.node, agent]));
  const asksKubeProxy = Object.keys(proxyCommands).some((name) => plan.answers.has(name as AnswerName));
  const alone = asksKubeProxy ? pods.filter(isRunningKubeProxy).map(({ spec }) => spec?.nodeName ?? '') : [];
  const kubeProxies = kubeProxiesOn(pods);
  return [...new Set([...byNode.keys(), ...alone])]
    .filter((node) => plan.nodes === undefined || plan.nodes.has(node))
    .map((node) => ({ node, agent: byNode.get(node), kubeProxy: kubeProxies.get(node) }));
}

const isRunningKubeProxy = ({ metadata, spec, status }: Pod): boolean =>
  spec?.nodeName !== undefined &&
  isClusterOwned(metadata.namespace, spec) &&
  status?.phase === 'Running' &&
  (spec.containers ?? []).some(({ name }) => name === 'kube-proxy');

/** The first of each node. */
const kubeProxiesOn = (pods: readonly Pod[]): ReadonlyMap<string | undefined, Pod> =>
  new Map(
    pods
      .filter(isRunningKubeProxy)
      .toReversed()
      .map((pod) => [pod.spec?.nodeName, pod]),
  );

const both = (via: DnsTarget['via'], server: string, port: number): DnsTarget[] => [
  { via, protocol: 'UDP', server, port },
  { via, protocol: 'TCP', server, port },
];

/** Where to send the DNS probe, or why it can't be sent anywhere. */
function dnsTargetsFrom({
  services,
  endpointSlices,
  kubeletConfig,
}: Pick<ClusterFacts, 'services' | 'endpointSlices' | 'kubeletConfig'>): Probes['dns'] {
  if (!isKnown(services)) return services;
  if (!isKnown(endpointSlices)) return endpointSlices;
  const dns = findClusterDns(services.value, endpointSlices.value, kubeletConfig);
  if (dns === undefined) return missing('absent', 'no cluster DNS Service was found to ask');
  const targets = [
    ...dns.clusterIPs.filter((ip) => isIP(ip) !== 0).flatMap((ip) => both('clusterIP', ip, 53)),
    ...dns.endpoints
      .filter(({ address }) => isIP(address) !== 0)
      .slice(0, maxDnsEndpoints)
      .flatMap(({ address, port }) => both('endpoint', address, port)),
  ];
  return targets.length > 0 ? targets : missing('absent', 'cluster DNS has neither an address nor an endpoint to ask');
}

function serverTargetsFrom({
  services,
  endpointSlices,
}: Pick<ClusterFacts, 'services' | 'endpointSlices'>): Probes['servers'] {
  if (!isKnown(services)) return services;
  if (!isKnown(endpointSlices)) return endpointSlices;
  const addresses = apiServerAddresses(services.value, endpointSlices.value)
    .filter(({ address }) => isIP(address) !== 0)
    .slice(0, maxServers);
  return addresses.length > 0 ? addresses : missing('absent', 'no slice of default/kubernetes lists an API server');
}

const saidOf = ({ stderr }: ExecOutcome, otherwise: string): string => excerptOf(stderr) || otherwise;

/** Why a command's output is not there, when the exec that was to bring it ended like this. */
function whyCut(outcome: ExecOutcome): Missing {
  switch (outcome.end) {
    case 'exited':
      return missing(
        'unparsed',
        `the exec ended with status ${outcome.exitCode} before all was printed${because(outcome.stderr)}`,
      );
    case 'failed':
      return missing('unreachable', `nothing was run in the pod: ${outcome.message}`);
    case 'refused':
      return outcome.httpStatus === 401 || outcome.httpStatus === 403
        ? missing('forbidden', outcome.message)
        : missing('unreachable', `exec was refused with HTTP ${outcome.httpStatus}: ${outcome.message}`);
    case 'dropped':
      return missing('unreachable', `the connection ended early: ${outcome.message}`);
    case 'timeout':
      return missing('timeout', `no answer within ${(outcome.afterMs / 1000).toFixed(0)} s`);
    case 'tooLarge':
      return missing('unparsed', `more than ${outcome.maxBytes} bytes came`);
    case 'unreachable':
      return missing('unreachable', outcome.message);
    case 'aborted':
      return interrupted;
  }
}

function because(stderr: string): string {
  const line = stderr.trim().split('\n')[0] ?? '';
  return line === '' ? '' : `: ${line}`;
}
