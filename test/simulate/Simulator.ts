import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { type Behaviour, behavioursOf, howMany } from './behaviours.ts';
import { ClusterShape, type SimulatedNode } from './ClusterShape.ts';
import { answerConnects, answerExec, type ExecContext, type NodeOfExec } from './answerExec.ts';
import { type ApiAnswer, ListPages, refused } from './ListPages.ts';
import { MadePods } from './MadePods.ts';
import { NodeAnswers } from './NodeAnswers.ts';
import { apiObjects } from './objects.ts';
import type { SimulatorOptions } from './options.ts';
import { readRecorded } from './recording.ts';
import { type Stage, stagesOf } from './Stages.ts';
import { Tokens, userWith } from './Tokens.ts';

/** A simulated cluster on 127.0.0.1. */
export interface Simulator {
  readonly url: string;
  /** A kubeconfig for it, as long as it runs. */
  readonly kubeconfig: string;
  /** What was asked of it until now. */
  counts(): SimulatorCounts;
  /** How many execs have ended. */
  ended(): number;
  /** Each request, `GET /version`, as it came. */
  readonly asked: readonly string[];
  /** Pods that were made of it. */
  readonly pods: MadePods;
  close(): void;
}

export interface SimulatorCounts {
  readonly requests: number;
  readonly execs: number;
  /** The most at a time. */
  readonly mostExecs: number;
  readonly bytes: number;
  readonly tables: ReturnType<NodeAnswers['tables']>;
}

const fixture = (name: string): string => join(import.meta.dirname, '../fixtures/live', name);

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const recorded = await readRecorded();
  const shape = new ClusterShape(options);
  const behaviours = behavioursOf(options);
  const { before, after } = stagesOf(shape, behaviours);
  const pagesOf = (stage: Stage): ListPages => new ListPages(apiObjects(shape, recorded.documents, stage), options);
  const server = new SimulatedServer({
    options,
    behaviours,
    before: { agents: podsIn(before), pages: pagesOf(before) },
    after: { agents: podsIn(after), pages: pagesOf(after) },
    answers: new NodeAnswers(shape, recorded.texts, howMany(options.proxyRules, options.nodes)),
  });
  const url = await server.listen();
  const folder = mkdtempSync(join(tmpdir(), 'kpr-simulate-'));
  const kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, kubeconfigFor(url, userWith(options.token)));
  return {
    url,
    kubeconfig,
    counts: () => server.counts(),
    ended: () => server.ended(),
    asked: server.asked,
    pods: server.pods,
    close: () => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const kubeconfigFor = (server: string, user: object): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'simulated',
    clusters: [{ name: 'simulated', cluster: { server, 'certificate-authority': fixture('ca.crt') } }],
    users: [{ name: 'simulated', user }],
    contexts: [{ name: 'simulated', context: { cluster: 'simulated', user: 'simulated' } }],
  });

const podsIn = ({ agents }: Stage): ReadonlyMap<string, SimulatedNode> =>
  new Map([...agents].map(([node, pod]) => [pod, node]));

/** What is there at one time. */
interface ServedStage {
  readonly pages: ListPages;
  /** By the name of the pod. */
  readonly agents: ReadonlyMap<string, SimulatedNode>;
}

interface Served {
  readonly options: SimulatorOptions;
  readonly behaviours: readonly Behaviour[];
  readonly before: ServedStage;
  readonly after: ServedStage;
  readonly answers: NodeAnswers;
}

class SimulatedServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #served: Served;
  readonly #tokens: Tokens;
  #stage: ServedStage;
  readonly #killed = new Set<string>();
  /** Agents' pods of kube-system, and those of all namespaces. */
  #podLists = 0;
  readonly asked: string[] = [];
  readonly pods: MadePods;
  readonly #execs = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has('v5.channel.k8s.io') ? 'v5.channel.k8s.io' : false),
  });
  #count = { requests: 0, execs: 0, mostExecs: 0, bytes: 0 };
  #running = 0;
  /** Execs. */
  #ended = 0;

  constructor(served: Served) {
    this.#served = served;
    this.#stage = served.before;
    this.#tokens = new Tokens(served.options.tokenRequests);
    this.pods = new MadePods(served.options.pods);
    this.#server = createServer(
      {
        cert: readFileSync(fixture('server.crt')),
        key: readFileSync(fixture('server.key')),
        ALPNProtocols: ['http/1.1'],
      },
      (request, response) => void this.#onRequest(request, response),
    );
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => {});
      void this.#onUpgrade(request, socket, head);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', 4096, resolve));
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  ended(): number {
    return this.#ended;
  }

  #change(): void {
    this.#stage = this.#served.after;
  }

  #agentIn(pod: string): NodeOfExec | undefined {
    const { behaviours, before } = this.#served;
    const behaviourOf = ({ index }: SimulatedNode): Behaviour => behaviours[index] ?? 'healthy';
    const node = this.#stage.agents.get(pod);
    if (node !== undefined) return { node, behaviour: behaviourOf(node) === 'killed' ? 'healthy' : behaviourOf(node) };
    const gone = before.agents.get(pod);
    if (gone === undefined || behaviourOf(gone) !== 'killed' || this.#killed.has(pod)) return undefined;
    this.#killed.add(pod);
    return { node: gone, behaviour: 'killed' };
  }

  counts(): SimulatorCounts {
    return { ...this.#count, tables: this.#served.answers.tables() };
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  async #onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { options } = this.#served;
    if (request.url === '/simulator') return send(response, jsonAnswer(this.counts()));
    this.#count.requests += 1;
    this.asked.push(`${request.method} ${request.url}`);
    if (options.latencyMs > 0) await sleep(options.latencyMs);
    if (!this.#tokens.holds(request)) return send(response, unauthorized);
    const ofPods = await this.pods.answer(request);
    if (ofPods !== undefined) return send(response, ofPods);
    const fails = isHit(this.#count.requests, options.errors);
    const mayZip = request.headers['accept-encoding']?.includes('gzip') === true;
    const answer = fails
      ? refused(500, 'InternalError', 'etcdserver: request timed out')
      : await this.#stage.pages.answer(request.url ?? '/', mayZip);
    if (isListOfAgents(request.url ?? '') && ++this.#podLists === 2 && options.changesAfter === 0) this.#change();
    this.#count.bytes += answer.body.length;
    return send(response, answer);
  }

  async #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { options, answers } = this.#served;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'https://simulated');
    const pod = /\/pods\/([^/]+)\/exec$/.exec(pathname)?.[1] ?? '';
    this.#count.execs += 1;
    this.asked.push(`${request.method} ${request.url}`);
    if (options.latencyMs > 0) await sleep(options.latencyMs);
    if (this.pods.runs(pod))
      return this.#execs.handleUpgrade(request, socket, head, (opened) => {
        if (!this.pods.isSilent())
          answerConnects(opened, { unsaid: this.pods.isForgetful() ? 3 : 0, lost: this.pods.takeLost() });
      });
    if (!this.#tokens.holds(request)) return refuse(socket, unauthorized);
    const found = this.#agentIn(pod);
    if (found === undefined) return refuse(socket, refused(404, 'NotFound', `pods "${pod}" not found`));
    if (options.maxExecs > 0 && this.#running >= options.maxExecs)
      return refuse(socket, refused(429, 'TooManyRequests', 'too many requests, please try again later.'));
    if (found.behaviour === 'refusing') {
      const why = `error dialing backend: dial tcp ${found.node.address}:10250: connect: connection refused`;
      return refuse(socket, refused(500, 'InternalError', why));
    }
    this.#running += 1;
    this.#count.mostExecs = Math.max(this.#count.mostExecs, this.#running);
    socket.once('close', () => {
      this.#running -= 1;
      if (++this.#ended === options.changesAfter) this.#change();
    });
    const context: ExecContext = {
      ...found,
      answers,
      options,
      command: searchParams.getAll('command'),
      onBytes: (bytes) => (this.#count.bytes += bytes),
    };
    this.#execs.handleUpgrade(request, socket, head, (opened) => answerExec(opened, context));
  }
}

/** Of the two lists with which every reading of a cluster begins. */
const isListOfAgents = (url: string): boolean =>
  url.startsWith('/api/v1/namespaces/kube-system/pods?') || url.includes('labelSelector=k8s-app%3Dcilium');

const unauthorized = refused(401, 'Unauthorized', 'Unauthorized');

/** Each so-and-so-many-th. */
const isHit = (count: number, part: number): boolean => part > 0 && count % Math.max(1, Math.round(1 / part)) === 0;

const jsonAnswer = (value: unknown): ApiAnswer => ({
  status: 200,
  body: Buffer.from(JSON.stringify(value)),
  isGzip: false,
});

function send(response: ServerResponse, { status, body, isGzip }: ApiAnswer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...(isGzip && { 'content-encoding': 'gzip' }),
  });
  response.end(body);
}

function refuse(socket: Duplex, { status, body }: ApiAnswer): void {
  const head = [`HTTP/1.1 ${status} Refused`, 'content-type: application/json', `content-length: ${body.length}`];
  const wait = status === 429 ? ['retry-after: 1'] : [];
  socket.end(`${[...head, ...wait, 'connection: close'].join('\r\n')}\r\n\r\n${body.toString()}`);
}
