import type { IncomingMessage } from 'node:http';
import { json as jsonOf } from 'node:stream/consumers';
import { type ApiAnswer, refused } from './ListPages.ts';
import type { PodFate } from './options.ts';

interface MadePod {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const pods = '/api/v1/namespaces/kube-system/pods';

/** Pods that are made of a simulated cluster, and removed again. */
export class MadePods {
  readonly #fate: PodFate;
  readonly #pods = new Map<string, MadePod>();
  #opened = 0;
  /** All that were ever made. */
  readonly made: MadePod[] = [];

  constructor(fate: PodFate) {
    this.#fate = fate;
  }

  get left(): readonly string[] {
    return [...this.#pods.keys()];
  }

  isForgetful(): boolean {
    return this.#fate === 'forgetful';
  }

  /** How many of the connections that are opened now are lost. */
  takeLost(): number {
    this.#opened += 1;
    if (this.#fate === 'lossy' || this.#fate === 'ending') return Infinity;
    return this.#fate === 'early' && this.#opened === 1 ? 3 : 0;
  }

  isSilent(): boolean {
    return this.#fate === 'silent';
  }

  /** Whether a pod of that name runs. */
  runs(name: string): boolean {
    return this.#pods.has(name);
  }

  /** undefined: it is about something else. */
  async answer(request: IncomingMessage): Promise<ApiAnswer | undefined> {
    const { method, url = '' } = request;
    const { pathname, searchParams } = new URL(url, 'https://simulated');
    if (method === 'POST' && pathname === reviews) return this.#review(await jsonOf(request));
    if (method === 'POST' && pathname === pods) return this.#make((await jsonOf(request)) as MadePod);
    if (method === 'DELETE' && pathname.startsWith(`${pods}/`)) return this.#remove(pathname.slice(pods.length + 1));
    if (method !== 'GET') return refused(405, 'MethodNotAllowed', 'the server does not allow this method');
    const named = this.#pods.get(pathname.slice(pods.length + 1));
    if (named !== undefined) return answered(200, this.#asItStands(named));
    const [key = '', value] = (searchParams.get('labelSelector') ?? '').split('=');
    if (pathname !== pods || !key.startsWith('kubectl-kpr/')) return undefined;
    const items = [...this.#pods.values()].filter(({ metadata }) => metadata.labels?.[key] === value);
    return answered(200, {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: {},
      items: items.map((one) => shown(one)),
    });
  }

  #asItStands(pod: MadePod): unknown {
    if (this.#fate !== 'ending') return shown(pod);
    return shown({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: new Date().toISOString() } });
  }

  #review(review: unknown): ApiAnswer {
    const { spec } = review as { readonly spec: { readonly resourceAttributes: { readonly verb: string } } };
    const { verb } = spec.resourceAttributes;
    const isForbidden = this.#fate === (verb === 'create' ? 'noCreate' : 'noDelete');
    return answered(201, { ...(review as object), status: { allowed: !isForbidden } });
  }

  #make(pod: MadePod): ApiAnswer {
    this.#pods.set(pod.metadata.name, pod);
    this.made.push(pod);
    return answered(201, shown(pod));
  }

  #remove(name: string): ApiAnswer {
    const pod = this.#pods.get(name);
    if (pod === undefined) return refused(404, 'NotFound', `pods "${name}" not found`);
    this.#pods.delete(name);
    return answered(200, shown(pod));
  }
}

const shown = (pod: MadePod): unknown => ({ kind: 'Pod', apiVersion: 'v1', ...pod, status: { phase: 'Running' } });

const answered = (status: number, value: unknown): ApiAnswer => ({
  status,
  body: Buffer.from(JSON.stringify(value)),
  isGzip: false,
});
