import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type ReachPlan } from '../expect/reach/planReach.ts';
import { agentCommands, answersOf, ofFilesOnly, proxyCommands, shownCommand } from '../knowledge/nodeCommands.ts';
import { missing, type Missing } from '../model/Fact.ts';
import type { ReachPlace } from '../model/NodeFacts.ts';
import type { AnswerName, RawAnswer, RawNode } from '../model/raw.ts';
import type { KnownRows } from '../parse/digest/KnownRows.ts';
import type { AgentTarget } from './agentPods.ts';
import { ownText } from '../parse/text.ts';
import { agentScript, packedSections } from './agentScript.ts';
import { answerOf } from './answerOf.ts';
import { askKubeProxy } from './askKubeProxy.ts';
import type { ClusterPort, ExecOutcome, ExecTarget } from './ClusterPort.ts';
import { execPatiently } from './execPatiently.ts';
import { goneSince } from './goneSince.ts';
import type { NodeTarget, Probes } from './nodeTargets.ts';
import type { Pace } from './Pace.ts';
import type { CollectPlan } from './RawSource.ts';
import { noReachInput, reachInput } from './reachInput.ts';
import { cutOf, maxNodeBytes, type Reading, timeLeft } from './Reading.ts';
import { readSections } from './readSections.ts';
import { noTime, whyUnasked } from './runEnd.ts';
import { SaidInLittle } from './SaidInLittle.ts';
import { shownOn } from './shownOn.ts';
import { expectGarbageOf } from './tuneEngine.ts';

/** The program gives up after two seconds; to start it may take longer where a node has no processor to spare. */
const reachTimeoutMs = 8_000;
const maxReachBytes = 256 * 1024;

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
    const teaches = await lessons?.begins(Math.min(plan.nodeTimeoutMs / 4, maxLessonMs));
    const [own, proxy] = await Promise.all([
      agent === undefined
        ? { answers: {} }
        : this.#askAgent(node, agent, probes, reach, asking).finally(() => {
            if (teaches === true) lessons?.ended();
          }),
      askKubeProxy(this.#port, node, kubeProxy, asking),
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
    const outcome = await execPatiently(this.#port, target, ['perl', '-'], reading, {
      timeoutMs: Math.min(timeoutMs, reachTimeoutMs),
      maxBytes: maxReachBytes,
      stdin: reachInput(node, places),
    });
    return answerOf(this.#port, { node, target, command }, outcome, reading);
  }

  /** What stands before each command, of which V8 keeps one for all of them. */
  #where({ target }: Pick<AgentTarget, 'target'>): string {
    return target === undefined ? '' : ownText(shownOn(this.#port, target, ''));
  }

  #reachCommand(agent: Pick<AgentTarget, 'target'>, node: string, places: readonly ReachPlace[]): string {
    const first = places.find((place) => place.node !== node);
    return this.#where(agent) + shownCommand('reachProbe', undefined, undefined, first);
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
    const where = this.#where(agent);
    const commandFor = (name: string): string => where + shownCommand(name, dnsServer, apiServer);
    const without = (why: Missing): NodeAnswers => ({ answers: allMissing(asked, why, commandFor) });
    const { target } = agent;
    if (target === undefined) return without(missing('absent', agent.why));
    if (timeoutMs <= 0) return without(noTime);
    if (plan.signal?.aborted) return without(whyUnasked(plan.signal));

    const marker = `kpr-${randomBytes(9).toString('hex')}`;
    const limitSeconds = limitWithin(timeoutMs);
    const lessons = reading.lessons();
    const little = lessons && new SaidInLittle(this.#digests, marker);
    const packs = plan.wholeTables === true;
    const { command, stdin } = agentScript({
      answers: plan.answers,
      targets,
      marker,
      limitSeconds,
      packs,
      digestWords: little?.words,
      agentRows: plan.agentRows?.get(node),
    });
    const places = reach.then((planned) => planned?.(node) ?? []);
    const early = Promise.race([places, delay(reading.reachWaitMs(), undefined, { ref: false })]).catch(
      () => undefined,
    );
    const begun = performance.now();
    const outcome = await execPatiently(this.#port, target, command, reading, {
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
    const doubt = little?.doubtOfMaps(answers);
    const otherDoubts = little?.otherDoubts(answers) ?? [];
    if (this.#digests.isTaught) lessons?.learnt();
    if (doubt !== undefined) {
      const asking = { ...reading, plan: tablesOf(plan), lessons: () => undefined };
      const whole = await this.#askAgent(node, agent, probes, reach, asking);
      for (const [name, answer] of Object.entries(whole.answers)) answers.set(name, { ...answer, doubt });
    }
    for (const [name, why] of otherDoubts)
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
}

export interface NodeAnswers extends Pick<RawNode, 'answers' | 'heard'> {
  /** What can be told only when the API’s lists are there; by another exec, where nobody could wait for them. */
  readonly rest?: { readonly isExec: boolean; ask(): Promise<RawNode['answers']> };
}

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

const known = <T>(targets: readonly T[] | Missing): readonly T[] => ('missing' in targets ? [] : targets);
