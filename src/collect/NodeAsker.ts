import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type ReachPlan } from '../expect/reach/planReach.ts';
import { agentCommands, answersOf, ofFilesOnly, proxyCommands, shownCommand } from '../knowledge/nodeCommands.ts';
import { missing, type Missing } from '../model/Fact.ts';
import type { Pod } from '../model/kubernetes.ts';
import type { ReachPlace } from '../model/NodeFacts.ts';
import type { AnswerName, RawAnswer, RawNode } from '../model/raw.ts';
import { isDigested, type ToldRows } from '../parse/digest/KnownRows.ts';
import type { ToldStates } from '../parse/digest/KnownStates.ts';
import { ruleDumpNames } from '../parse/rules/ruleDumps.ts';
import type { ClusterPort, ExecOptions, ExecOutcome, ExecTarget } from './ClusterPort.ts';
import type { CollectPlan } from './RawSource.ts';
import type { Lessons } from './Lessons.ts';
import type { NodeTarget, Probes } from './nodeTargets.ts';
import type { Pace } from './Pace.ts';
import type { AgentTarget } from './agentPods.ts';
import { agentScript, packedSections } from './agentScript.ts';
import { readSections } from './readSections.ts';
import { noReachInput, reachInput } from './reachInput.ts';
import type { KnownRows } from '../parse/digest/KnownRows.ts';
import { whyCut } from './execEnds.ts';
import { goneSince } from './goneSince.ts';
import { noTime, unanswered, whyUnasked } from './runEnd.ts';
import { expectGarbageOf } from './tuneEngine.ts';

/** Most of a node's text is its LB table: 10,000 Services are some 20 MB, and agents have room for 65,536 rows. */
const maxNodeBytes = 64 * 1024 * 1024;
/** The program gives up after two seconds; to start it may take longer where a node has no processor to spare. */
const reachTimeoutMs = 8_000;
const maxReachBytes = 256 * 1024;
/** A server that has too much to do says so at once; it is asked again, later each time. */
const busyPauseMs = 500;
const maxBusyPauseMs = 5000;

/** Asks one node: its agent all that the plan wants by one exec, and its kube-proxy by one for each program. */
export class NodeAsker {
  readonly #port: ClusterPort;
  readonly #digests: KnownRows;
  /** Agents that were heard. */
  #heard = 0;

  /** @param digests what nodes have said, which others need not say again */
  constructor(port: ClusterPort, digests: KnownRows) {
    this.#port = port;
    this.#digests = digests;
  }

  /** @param reach where connections to other nodes go; mostly known only while the node is busy with all else */
  async ask(
    { node, agent, kubeProxy }: NodeTarget,
    probes: Probes,
    reach: Promise<ReachPlan | undefined>,
    reading: Reading,
  ): Promise<NodeAnswers> {
    const plan = reading.plan.silentAgents?.has(node) === true ? withoutAgent(reading.plan) : reading.plan;
    const asking = { ...reading, plan };
    const lessons = agent?.target === undefined ? undefined : reading.lessons();
    const teaches = lessons?.begins() === true;
    if (!teaches) await lessons?.wait(Math.min(plan.nodeTimeoutMs / 4, maxLessonMs));
    const [own, proxy] = await Promise.all([
      agent === undefined
        ? { answers: {} }
        : this.#askAgent(node, agent, probes, reach, asking).finally(() => {
            if (teaches) lessons?.ended();
          }),
      this.#askKubeProxy(node, kubeProxy, asking),
    ]);
    return { ...own, answers: { ...own.answers, ...proxy } };
  }

  /** By an exec of its own, which costs as much as all else: in a large cluster the API lists all pods late. */
  async #askReachLate(
    node: string,
    target: ExecTarget,
    places: readonly ReachPlace[],
    reading: Reading,
  ): Promise<RawAnswer> {
    const { plan } = reading;
    const command = this.#reachCommand({ target }, node, places);
    const timeoutMs = timeLeft(reading);
    if (timeoutMs <= 0) return { ...noTime, command };
    if (plan.signal?.aborted) return { ...whyUnasked(plan.signal), command };
    const outcome = await this.#exec(target, ['perl', '-'], reading, {
      timeoutMs: Math.min(timeoutMs, reachTimeoutMs),
      maxBytes: maxReachBytes,
      stdin: reachInput(node, places),
    });
    if (outcome.end !== 'exited')
      return {
        ...((await goneSince(this.#port, { node, target }, outcome, plan.signal)) ?? cutOf(outcome, reading)),
        command,
      };
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
    reading: Reading,
  ): Promise<NodeAnswers> {
    const { plan } = reading;
    const timeoutMs = timeLeft(reading);
    const targets = { dns: known(probes.dns), servers: known(probes.servers) };
    const asked = [...plan.answers].filter((name) => !(name in proxyCommands) && !ofFilesOnly.has(name));
    const [dnsServer, apiServer] = [targets.dns[0]?.server, targets.servers.find(({ via }) => via === 'server')];
    const commandFor = (name: string): string => this.#execCommand(agent, shownCommand(name, dnsServer, apiServer));
    const without = (why: Missing): NodeAnswers => ({ answers: allMissing(asked, why, commandFor) });
    const { target } = agent;
    if (target === undefined) return without(missing('absent', agent.why));
    if (timeoutMs <= 0) return without(noTime);
    if (plan.signal?.aborted) return without(whyUnasked(plan.signal));

    const marker = `kpr-${randomBytes(9).toString('hex')}`;
    const limitSeconds = limitWithin(timeoutMs);
    const lessons = reading.lessons();
    const told = lessons && this.#digests.known(marker);
    const toldStates = lessons && this.#digests.states.known(marker);
    const rules = lessons === undefined ? undefined : this.#digests.rules.known(marker);
    const packs = plan.wholeTables === true;
    const digestWords = told && toldStates && rules && { maps: told.words, frontends: toldStates.words, rules };
    const { command, stdin } = agentScript({
      answers: plan.answers,
      targets,
      marker,
      limitSeconds,
      packs,
      digestWords,
      agentRows: plan.agentRows?.get(node),
    });
    const places = reach.then((planned) => planned?.(node) ?? []);
    const early = Promise.race([places, delay(reading.reachWaitMs(), undefined, { ref: false })]).catch(
      () => undefined,
    );
    const begun = performance.now();
    const outcome = await this.#exec(target, command, reading, {
      timeoutMs,
      maxBytes: maxNodeBytes,
      stdin,
      ...(plan.answers.has('reachProbe') && { stdinLater: early.then((some) => inputFor(node, some)) }),
    });
    const tookMs = performance.now() - begun;
    expectGarbageOf(outcome.stdout.length);
    const gone = await goneSince(this.#port, { node, target }, outcome, plan.signal);
    const said = readSections(outcome.stdout, asked, {
      marker,
      limitSeconds,
      commandFor,
      cut: gone ?? cutOf(outcome, reading),
      ...(packs && { packed: packedSections }),
    });
    const answers = gone === undefined ? said : withoutFailures(said, gone, commandFor);
    // What came compressed takes its room unpacked.
    const bytes = Math.max(outcome.stdout.length, bytesSaid([...answers.values()]));
    hear(reading.pace, outcome.end, { ms: tookMs, bytes });
    const heard = { nonce: marker, turn: this.#heard++ };
    const doubt = told && this.#doubtOf(answers.get('lbDump'), told);
    const otherDoubt = toldStates && this.#doubtOfStates(answers.get('frontends'), toldStates);
    const doubtfulRules = lessons === undefined ? [] : this.#doubtfulRules(answers, marker);
    if (this.#digests.isTaught) lessons?.learnt();
    if (doubt !== undefined) {
      const asking = { ...reading, plan: tablesOf(plan), lessons: () => undefined };
      const whole = await this.#askAgent(node, agent, probes, reach, asking);
      for (const [name, answer] of Object.entries(whole.answers)) answers.set(name, { ...answer, doubt });
    }
    if (otherDoubt !== undefined)
      answers.set('frontends', { ...missing('unparsed', otherDoubt), command: commandFor('frontends') });
    for (const [name, why] of doubtfulRules)
      answers.set(name, { ...missing('unparsed', why), command: commandFor(name) });
    for (const [name, asked] of [
      ['dnsProbe', probes.dns],
      ['serversProbe', probes.servers],
    ] as const)
      if ('missing' in asked && answers.has(name)) answers.set(name, { ...asked, command: commandFor(name) });
    const reached = answers.get('reachProbe');
    if (reached === undefined) return { answers: Object.fromEntries(answers), heard };
    const isLate = (await early) === undefined;
    const askRest = async (): Promise<RawNode['answers']> => {
      const some = await places;
      const later = isLate && some.length > 0 ? await this.#askReachLate(node, target, some, reading) : reached;
      // Of a run that was ended the list of pods may have been on its way.
      const none = plan.signal?.aborted === true ? whyUnasked(plan.signal) : nowhere;
      const answer = some.length === 0 ? none : later;
      return { reachProbe: { ...answer, command: this.#reachCommand(agent, node, some) } };
    };
    return { answers: Object.fromEntries(answers), heard, rest: { isExec: isLate, ask: askRest } };
  }

  /** Why what a node says in little is not to be believed; undefined: it fits, or the node says all. */
  #doubtOf(lbDump: RawAnswer | undefined, known: ToldRows): string | undefined {
    if (lbDump === undefined || 'missing' in lbDump || lbDump.exitCode !== 0 || !isDigested(lbDump.text))
      return undefined;
    const read = this.#digests.read(lbDump.text, known);
    return read.ok ? undefined : `in little, ${read.why}`;
  }

  #doubtOfStates(frontends: RawAnswer | undefined, known: ToldStates): string | undefined {
    if (frontends === undefined || 'missing' in frontends || frontends.exitCode !== 0) return undefined;
    return this.#digests.states.hear(frontends.text, known);
  }

  #doubtfulRules(answers: ReadonlyMap<string, RawAnswer>, nonce: string): readonly (readonly [AnswerName, string])[] {
    return ruleDumpNames.flatMap((name) => {
      const dump = answers.get(name);
      if (dump === undefined || 'missing' in dump || dump.exitCode !== 0) return [];
      const why = this.#digests.rules.hear(name, dump.text, nonce);
      return why === undefined ? [] : [[name, why] as const];
    });
  }

  /**
   * kube-proxy's image may hold no shell, so each program is an exec of its own; they see what agents
   * cannot (nftables).
   */
  async #askKubeProxy(node: string, pod: Pod | undefined, reading: Reading): Promise<RawNode['answers']> {
    const { plan } = reading;
    const timeoutMs = timeLeft(reading);
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
      const outcome = await this.#exec(target, argv, reading, { timeoutMs, maxBytes: maxNodeBytes });
      const gone = await goneSince(this.#port, { node, target }, outcome, plan.signal);
      if (gone !== undefined) return [name, { ...gone, command }];
      if (outcome.end !== 'exited') return [name, { ...cutOf(outcome, reading), command }];
      return [name, { text: outcome.stdout, stderr: outcome.stderr, exitCode: outcome.exitCode, command }];
    });
    return Object.fromEntries(await Promise.all(answers));
  }

  /** Asks again where the server has too much to do, which it says before anything is run. */
  async #exec(
    target: ExecTarget,
    command: readonly string[],
    { plan: { signal }, pace }: Reading,
    options: Omit<ExecOptions, 'signal'>,
  ): Promise<ExecOutcome> {
    const end = performance.now() + options.timeoutMs;
    let { timeoutMs } = options;
    for (let pauseMs = busyPauseMs; ; pauseMs = Math.min(2 * pauseMs, maxBusyPauseMs)) {
      const outcome = await this.#port.exec(target, command, { ...options, timeoutMs, ...(signal && { signal }) });
      if (outcome.end !== 'refused' || outcome.httpStatus !== 429) return outcome;
      pace.heard({ kind: 'busy' });
      const wait = pauseMs * (0.5 + Math.random());
      if (performance.now() + wait >= end || signal?.aborted === true) return outcome;
      await delay(wait, undefined, signal && { signal }).catch(() => {});
      timeoutMs = Math.max(1, end - performance.now());
    }
  }

  #execCommand({ target }: { readonly target: ExecTarget | undefined }, shown: string): string {
    if (target === undefined) return shown;
    return `${this.#port.kubectl} -n ${target.namespace} exec ${target.pod} -c ${target.container} -- ${shown}`;
  }
}

/** One call of `read`. */
export interface Reading {
  readonly plan: CollectPlan;
  readonly pace: Pace;
  /** When the time is up, by the clock of `performance`; it follows the number of nodes. */
  readonly deadline: () => number;
  /** How long a node’s script waits for where connections are to go. */
  readonly reachWaitMs: () => number;
  /** undefined: nodes say their tables whole. */
  readonly lessons: () => Lessons | undefined;
}

export interface NodeAnswers extends Pick<RawNode, 'answers' | 'heard'> {
  /** What can be told only when the API’s lists are there; by another exec, where nobody could wait for them. */
  readonly rest?: { readonly isExec: boolean; ask(): Promise<RawNode['answers']> };
}

const timeLeft = ({ plan, deadline }: Reading): number => Math.min(plan.nodeTimeoutMs, deadline() - performance.now());

/** What fails in a pod that ends tells of its end alone. */
const withoutFailures = (
  answers: ReadonlyMap<string, RawAnswer>,
  gone: Missing,
  commandFor: (name: string) => string,
): Map<string, RawAnswer> =>
  new Map(
    Array.from(answers, ([name, answer]) => [
      name,
      'text' in answer && answer.exitCode === 0 ? answer : { ...gone, command: commandFor(name) },
    ]),
  );

/** Letters. */
export const bytesSaid = (answers: readonly RawAnswer[]): number =>
  answers.reduce((sum, answer) => sum + ('text' in answer ? answer.text.length : 0), 0);

function hear(pace: Pace, end: ExecOutcome['end'], answered: { readonly ms: number; readonly bytes: number }): void {
  if (end === 'timeout') pace.heard({ kind: 'timeout' });
  else if (end === 'exited') pace.heard({ kind: 'answered', ...answered });
}

const inputFor = (node: string, places: readonly ReachPlace[] | undefined): Uint8Array =>
  places === undefined || places.length === 0 ? noReachInput : reachInput(node, places);

/** Those of the largest clusters take a node a second. */
const maxLessonMs = 5_000;

const tablesOf = (plan: CollectPlan): CollectPlan => ({
  ...plan,
  answers: new Set([...plan.answers].filter((name) => tableAnswers.has(name))),
});
const tableAnswers: ReadonlySet<AnswerName> = new Set([...answersOf.lbTable, ...answersOf.mapSizes]);

/** What is left to ask where the agent itself does not answer. */
const withoutAgent = (plan: CollectPlan): CollectPlan => ({
  ...plan,
  answers: new Set([...plan.answers].filter((name) => agentLane(name) !== 'agent')),
});

const agentLane = (name: AnswerName): string | undefined =>
  Object.entries(agentCommands).find(([known]) => known === name)?.[1].lane;

const nowhere = missing('absent', 'no pod of any node is known that could be asked');

const allMissing = (names: readonly string[], why: Missing, commandFor: (name: string) => string): RawNode['answers'] =>
  Object.fromEntries(names.map((name) => [name, { ...why, command: commandFor(name) }]));

/** One hung command must leave the rest of the deadline to what comes after it, and to the way there and back. */
const limitWithin = (timeoutMs: number): number => Math.max(1, Math.floor(timeoutMs / 2000));

/** Why it is not there, of an exec that had no more time than the run. */
const cutOf = (outcome: ExecOutcome, { plan, deadline }: Reading): Missing =>
  outcome.end === 'timeout' && performance.now() >= deadline() ? unanswered : whyCut(outcome, plan.signal);

const known = <T>(targets: readonly T[] | Missing): readonly T[] => ('missing' in targets ? [] : targets);
