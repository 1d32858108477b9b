import { isRecord, type JsonObject } from '../../text/isRecord.ts';

/** Forms of such parts: workloads are fewer than pods, and one that gives each pod its own would only take memory. */
const maxKnown = 20_000;

/**
 * What pods of one workload have alike, held once: the agents of a thousand nodes come of one template, which is most
 * of what is kept of each.
 */
export class SharedParts {
  readonly #known = new Map<string, unknown>();

  /** The pod, with the parts that another one had before in place of its own. Takes anything. */
  pod(pod: unknown): unknown {
    if (!isRecord(pod)) return pod;
    return { ...pod, ...this.#within(pod, 'metadata'), ...this.#within(pod, 'spec') };
  }

  #within(pod: JsonObject, key: 'metadata' | 'spec'): JsonObject {
    const part = pod[key];
    if (!isRecord(part)) return {};
    return { [key]: Object.fromEntries(Object.entries(part).map(([name, value]) => [name, this.#like(value)])) };
  }

  #like(value: unknown): unknown {
    if (!isRecord(value) && !Array.isArray(value)) return value;
    const text = JSON.stringify(value);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size < maxKnown) this.#known.set(text, value);
    return value;
  }
}
