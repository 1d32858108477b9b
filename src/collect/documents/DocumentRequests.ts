import type { CollectionName } from '../../model/kubernetes.ts';
import type { DocumentName, RawDocument, RawDocuments } from '../../model/raw.ts';
import type { DocumentReader } from '../../parse/DocumentReader.ts';
import { orAborted } from '../api/withDeadline.ts';
import type { Answer, ClusterPort } from '../ClusterPort.ts';
import type { CollectPlan } from '../RawSource.ts';
import { whyUnanswered } from '../runEnd.ts';
import { trimObject } from '../trimObjects.ts';
import { isList, notCollected, union, without } from './documentLists.ts';
import { EarlierObjects } from './EarlierObjects.ts';
import { allPods, type Request, trafficOf } from './requests.ts';
import { SharedParts } from './SharedParts.ts';

export interface RequestOptions {
  /** When, by the clock of `performance`, lists that have not come to an end are given up. */
  readonly until?: () => number;
  /** What an earlier reading gave; undefined: there was none. */
  readonly before?: RawDocuments | undefined;
}

/** Asks for what the plan names; all else is not asked. */
export class DocumentRequests {
  readonly #port: ClusterPort;
  readonly #plan: CollectPlan;
  readonly #options: RequestOptions;
  readonly #reader: DocumentReader;
  readonly #shared = new SharedParts();

  constructor(port: ClusterPort, plan: CollectPlan, reader: DocumentReader, options: RequestOptions) {
    this.#port = port;
    this.#plan = plan;
    this.#options = options;
    this.#reader = reader;
  }

  /** Those of all namespaces; where only some are read again, the others as they were. */
  async pods(): Promise<RawDocument> {
    const { podsAgain } = this.#plan;
    const before = this.#options.before?.pods;
    if (podsAgain === undefined || before === undefined || !this.#plan.documents.has('pods') || !isList(before))
      return this.collection('pods', allPods);
    const again = await Promise.all([...podsAgain].map((name) => this.collection('pods', trafficOf(name))));
    return again.length === 0 ? before : union([without(before, podsAgain), ...again]);
  }

  async object(name: DocumentName, path: string, shown: string): Promise<RawDocument> {
    if (!this.#plan.documents.has(name)) return notCollected;
    return this.#toDocument(await this.#unlessEnded(this.#port.get(path)), shown, trimObject);
  }

  async collection(name: CollectionName, { path, query, shown, trim }: Request): Promise<RawDocument> {
    if (!this.#plan.documents.has(name)) return notCollected;
    const { before, until } = this.#options;
    const earlier = new EarlierObjects(before?.[name]);
    // What was read before is mostly known, and what goes into a file is looked at by whoever reads that.
    const isNew = before?.[name] === undefined && this.#plan.wholeTables !== true;
    const followed = isNew ? this.#reader.follow(name) : undefined;
    const isOfPods = name === 'pods' || name === 'systemPods';
    return this.#toDocument(
      await this.#unlessEnded(
        this.#port.list(path, {
          ...(query && { query }),
          ...(until && { until }),
          reduce: (object) => {
            const trimmed = trim(object);
            const kept = earlier.like(trimmed) ?? (isOfPods ? this.#shared.pod(trimmed) : trimmed);
            followed?.heard(kept);
            return kept;
          },
        }),
      ),
      shown,
      (items) => {
        const list = earlier.listLike(items);
        if (Array.isArray(list)) followed?.ended(list);
        return list;
      },
    );
  }

  /** What has come until the run is ended is judged; nobody waits for the rest. */
  async #unlessEnded<T>(answer: Promise<Answer<T>>): Promise<Answer<T>> {
    const { signal } = this.#plan;
    if (signal === undefined) return answer;
    try {
      return await orAborted(answer, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return { ok: false, why: whyUnanswered(signal) };
    }
  }

  #toDocument(answer: Answer<unknown>, shown: string, trim: (value: unknown) => unknown): RawDocument {
    return answer.ok ? { value: trim(answer.value), source: `${this.#port.kubectl} ${shown}` } : answer.why;
  }
}
