import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import { KprError } from '../../core/KprError.ts';
import { type Missing, missing } from '../../model/Fact.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';
import { oneLine } from '../../text/visible.ts';
import type { ClusterPort, ExecTarget } from '../ClusterPort.ts';
import { probePodManifest, type ProbeTemplate, probeContainer, probeTemplateOf, runLabel } from './probePodManifest.ts';

/** Where pods are made, and by whose image. */
export interface ProbePodWish {
  /** Cilium’s. */
  readonly namespace: string;
  readonly daemonSet: string;
  readonly nodes: readonly string[];
}

/** How long pods are waited for, in milliseconds. */
export interface Patience {
  readonly startMs: number;
  readonly removeMs: number;
  readonly pollMs: number;
  /** A request of which no answer came may be done as late as that. */
  readonly lateMs: number;
}

/** Kubelets start a pod whose image they have in some seconds. */
const usualPatience: Patience = { startMs: 30_000, removeMs: 20_000, pollMs: 500, lateMs: 3_000 };
/** An API server has others to serve, too. */
const atOnce = 8;

/**
 * Short-lived pods, one on each node, from which connections are opened. All that this program makes on a cluster, and
 * only where somebody typed `--probe-pod`. Their names are chosen before they are made, so that one of which no answer
 * came is removed, too; and each ends by itself when its time is over, whatever becomes of this program.
 */
export class ProbePods {
  /** By node, where commands are run. */
  readonly targets: ReadonlyMap<string, ExecTarget>;
  /** What a person types to remove them. */
  readonly removal: string;
  readonly #port: ClusterPort;
  readonly #wish: ProbePodWish;
  readonly #patience: Patience;
  readonly #run = randomBytes(4).toString('hex');
  readonly #path: `/api/v1/namespaces/${string}/pods`;
  readonly #sent = new Set<string>();
  #template: ProbeTemplate | undefined;
  /** Whether one of them was sent, and no answer came. */
  #isUnsure = false;

  constructor(port: ClusterPort, wish: ProbePodWish, patience: Patience = usualPatience) {
    const { namespace, nodes } = wish;
    this.#port = port;
    this.#wish = wish;
    this.#patience = patience;
    this.#path = `/api/v1/namespaces/${namespace}/pods`;
    this.removal = `${port.kubectl} -n ${namespace} delete pods -l ${runLabel}=${this.#run}`;
    this.targets = new Map(
      nodes.map((node, number) => {
        const pod = `kubectl-kpr-probe-${this.#run}-${number + 1}`;
        return [node, { namespace, pod, container: probeContainer }];
      }),
    );
  }

  /**
   * Looks whether they may be made and removed again, and by which image. Throws KprError where that is not so; nothing
   * is made yet.
   */
  async prepare(): Promise<void> {
    this.#template = await this.#readTemplate();
    await this.#refuseWithoutRights();
  }

  /**
   * Makes those of some nodes, and waits until they run.
   * @param lifeSeconds after which their nodes end them
   * @returns by node, why there is none; the others run
   */
  async start(
    nodes: ReadonlySet<string>,
    lifeSeconds: number,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Missing>> {
    const template = this.#template;
    if (template === undefined) throw new Error('start() of pods that nobody has prepared');
    const limit = pLimit(atOnce);
    const wanted = [...this.targets].filter(([node]) => nodes.has(node));
    const made = await Promise.all(
      wanted.map(([node, { pod }]) =>
        limit(async (): Promise<readonly [string, Missing | undefined]> => {
          if (signal.aborted) return [node, interrupted];
          return [node, await this.#create({ node, pod, lifeSeconds }, template)];
        }),
      ),
    );
    const failed = new Map(made.flatMap(([node, why]) => (why === undefined ? [] : [[node, why] as const])));
    const waiting = wanted.filter(([node]) => !failed.has(node));
    return new Map([...failed, ...(await this.#whyNotRunning(waiting, signal))]);
  }

  /** Ends all that may have been made, and sees that they are gone. @returns the names of those that are not */
  async remove(): Promise<readonly string[]> {
    if (this.#sent.size === 0) return [];
    const begun = performance.now();
    const { removeMs, pollMs, lateMs } = this.#patience;
    const leastMs = this.#isUnsure ? lateMs : 0;
    let listed: ReadonlyMap<string, unknown> | undefined;
    for (;;) {
      await this.#end(listed === undefined ? [...this.#sent] : [...listed].filter(isNotEnding).map(([name]) => name));
      listed = await this.#listed();
      const passedMs = performance.now() - begun;
      if (listed?.size === 0 && passedMs >= leastMs) return [];
      // One that could not be listed may be there still.
      if (passedMs >= removeMs) return listed === undefined ? [...this.#sent] : [...listed.keys()];
      await delay(pollMs);
    }
  }

  async #end(names: readonly string[]): Promise<void> {
    const limit = pLimit(atOnce);
    await Promise.all(
      names.map((name) => limit(() => this.#port.change({ verb: 'delete', path: `${this.#path}/${name}` }))),
    );
  }

  async #readTemplate(): Promise<ProbeTemplate> {
    const { namespace, daemonSet } = this.#wish;
    const answer = await this.#port.get(`/apis/apps/v1/namespaces/${namespace}/daemonsets/${daemonSet}`);
    const template = answer.ok ? probeTemplateOf(answer.value) : undefined;
    if (template !== undefined) return template;
    const why = answer.ok ? 'it names no image of an agent' : answer.why.detail;
    throw new KprError(
      `--probe-pod takes the image of the agents’ DaemonSet ${namespace}/${daemonSet}, which cannot be read: ${why}`,
      `Nothing was created. ${otherwise}`,
    );
  }

  /** Who may make pods and not remove them would leave them behind. */
  async #refuseWithoutRights(): Promise<void> {
    const { namespace } = this.#wish;
    const reasons = await Promise.all((['create', 'delete'] as const).map((verb) => this.#whyForbidden(verb)));
    const why = reasons.find((one) => one !== undefined);
    if (why === undefined) return;
    throw new KprError(
      `--probe-pod creates pods in ${namespace} and removes them again: ${why}`,
      `Nothing was created. Ask for this rule in a Role there: {apiGroups: [""], resources: [pods], verbs: [create, delete]}. ${otherwise}`,
    );
  }

  async #whyForbidden(verb: 'create' | 'delete'): Promise<string | undefined> {
    const { namespace } = this.#wish;
    const answer = await this.#port.change({
      verb: 'create',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { namespace, verb, resource: 'pods' } },
      },
    });
    if (!answer.ok) return `whether you may is not known (${answer.why.detail})`;
    const { status } = answer.value;
    return isRecord(status) && status['allowed'] === true ? undefined : `you may not ${verb} them`;
  }

  async #create(
    about: { readonly node: string; readonly pod: string; readonly lifeSeconds: number },
    template: ProbeTemplate,
  ): Promise<Missing | undefined> {
    this.#sent.add(about.pod);
    const body = probePodManifest({ ...about, namespace: this.#wish.namespace, run: this.#run }, template);
    const answer = await this.#port.change({ verb: 'create', path: this.#path, body });
    if (!answer.ok && answer.why.missing !== 'forbidden') this.#isUnsure = true;
    return answer.ok ? undefined : missing(answer.why.missing, `no pod could be made there: ${answer.why.detail}`);
  }

  async #whyNotRunning(
    waiting: readonly (readonly [node: string, target: ExecTarget])[],
    signal: AbortSignal,
  ): Promise<readonly (readonly [string, Missing])[]> {
    const { startMs, pollMs } = this.#patience;
    const until = performance.now() + startMs;
    for (;;) {
      const listed = await this.#listed();
      const states = waiting.map(([node, { pod }]) => ({ node, state: stateOf(listed?.get(pod)) }));
      const isOver = signal.aborted || performance.now() >= until;
      if (isOver || states.every(({ state }) => state.kind !== 'starting'))
        return states.flatMap(({ node, state }) =>
          state.kind === 'running' ? [] : [[node, signal.aborted ? interrupted : whyOf(state, startMs)] as const],
        );
      await delay(pollMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Those of this run, by name; undefined: not known. */
  async #listed(): Promise<ReadonlyMap<string, unknown> | undefined> {
    const answer = await this.#port.list(this.#path, { query: { labelSelector: `${runLabel}=${this.#run}` } });
    if (!answer.ok) return undefined;
    const named = answer.value.flatMap((pod): [string, unknown][] => {
      const metadata = isRecord(pod) ? pod['metadata'] : undefined;
      const name = isRecord(metadata) ? metadata['name'] : undefined;
      return typeof name === 'string' && this.#sent.has(name) ? [[name, pod]] : [];
    });
    return new Map(named);
  }
}

const interrupted = missing('notCollected', 'interrupted');
const otherwise = 'Or connect from a pod that is there: --source pod:NAMESPACE/NAME';

function isNotEnding([, pod]: readonly [string, unknown]): boolean {
  const metadata = isRecord(pod) ? pod['metadata'] : undefined;
  return !isRecord(metadata) || metadata['deletionTimestamp'] === undefined;
}

type PodState =
  | { readonly kind: 'running' }
  | { readonly kind: 'starting'; readonly detail: string }
  | { readonly kind: 'failed'; readonly detail: string };

function whyOf({ kind, detail }: Exclude<PodState, { readonly kind: 'running' }>, startMs: number): Missing {
  const said = detail === '' ? '' : ` (${oneLine(detail, 160)})`;
  return kind === 'failed'
    ? missing('unreachable', `the pod that was made there did not start${said}`)
    : missing('timeout', `the pod that was made there did not run within ${startMs / 1000} s${said}`);
}

/** How far its node has come with it. */
function stateOf(pod: unknown): PodState {
  const status = isRecord(pod) ? pod['status'] : undefined;
  if (!isRecord(status)) return { kind: 'starting', detail: '' };
  const { phase, containerStatuses, reason, message } = status;
  if (phase === 'Running') return { kind: 'running' };
  const container: unknown = Array.isArray(containerStatuses) ? containerStatuses[0] : undefined;
  if (phase === 'Failed' || phase === 'Succeeded') {
    const ended = stateIn(container, 'terminated');
    const detail = wordsOf(reason, message) || wordsOf(ended?.['reason'], ended?.['message']);
    return { kind: 'failed', detail };
  }
  const waiting = stateIn(container, 'waiting');
  if (waiting === undefined) return { kind: 'starting', detail: 'its node says nothing of it' };
  const why = waiting['reason'];
  // Whatever else holds it up does not pass while somebody waits.
  return why === 'ContainerCreating' || why === 'PodInitializing'
    ? { kind: 'starting', detail: wordsOf(why, waiting['message']) }
    : { kind: 'failed', detail: wordsOf(why, waiting['message']) };
}

function stateIn(container: unknown, kind: 'waiting' | 'terminated'): JsonObject | undefined {
  const state = isRecord(container) ? container['state'] : undefined;
  const found = isRecord(state) ? state[kind] : undefined;
  return isRecord(found) ? found : undefined;
}

const wordsOf = (...words: readonly unknown[]): string =>
  words.filter((one): one is string => typeof one === 'string' && one !== '').join(': ');
