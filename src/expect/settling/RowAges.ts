import { oldestOf, secondsBefore, type Since, sinceWhen } from '../../core/Since.ts';
import type { EndpointSlice, Pod, Service } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import { type BackendKey, type FrontendKey, partsOf } from '../../model/lb/keys.ts';
import type { FrontendState } from '../../model/NodeFacts.ts';
import { ownerName } from '../lb/OwnerRef.ts';
import type { FirmDifference } from '../parity/Difference.ts';
import { lastChangeOf } from './apiChanges.ts';

interface Objects {
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
  /** undefined: not read. */
  readonly pods: readonly Pod[] | undefined;
}

/** Since when rows differ, as far as the agent or the API tells. Only who asks has objects looked through. */
export class RowAges {
  readonly #objects: Objects;
  readonly #takenAt: string;
  #created: ReadonlyMap<string, string> | undefined;
  #lastChanges: ReadonlyMap<string, string> | undefined;
  #readySince: ReadonlyMap<string, string> | undefined;

  /** @param takenAt RFC 3339 */
  constructor(objects: Objects, takenAt: string) {
    this.#objects = objects;
    this.#takenAt = takenAt;
  }

  /** Of rows that are one finding. @param states the agent's own of that node */
  of(rows: readonly FirmDifference[], states: readonly FrontendState[]): Since | undefined {
    const byKey = new Map<FrontendKey, FrontendState>(states.map((state) => [state.frontend, state]));
    return oldestOf(rows.map((row) => this.#ofRow(row, byKey.get(row.agentKey))));
  }

  #ofRow(row: FirmDifference, state: FrontendState | undefined): Since | undefined {
    const told = [this.#byAgent(row, state), this.#byApi(row)].filter((one) => one !== undefined);
    // What it was so already then says more; of the times when it was not, the last one says most.
    return (
      told.find(({ bound }) => bound === 'atLeast') ?? told.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))[0]
    );
  }

  /** What the agent has right, it wrote into the map when it says so, or tried in vain. */
  #byAgent({ layer }: FirmDifference, state: FrontendState | undefined): Since | undefined {
    if (layer !== 'agentToMap' || state?.forSeconds === undefined) return undefined;
    if (state.status === 'Error') return secondsBefore(this.#takenAt, state.forSeconds, 'atLeast');
    return state.status === 'Done' ? secondsBefore(this.#takenAt, atMost(state.forSeconds), 'atMost') : undefined;
  }

  #byApi(row: FirmDifference): Since | undefined {
    const { owner, kind, layer } = row;
    if (owner?.kind !== 'Service') return undefined;
    const name = ownerName(owner);
    switch (kind) {
      case 'frontendMissing':
        return sinceWhen(this.#createdAt(name), 'atMost');
      case 'backendsMissing':
        return oldestOf(row.missing.map((backend) => sinceWhen(this.#readyAt(backend), 'atMost')));
      case 'backendsStale':
        // The agent had it from the API, and that has not said anything new since.
        return layer === 'apiToAgent' ? sinceWhen(this.#changedAt(name), 'atLeast') : undefined;
      case 'frontendOrphan':
      case 'damaged':
      case 'wrongProperties':
        return undefined;
      default:
        return kind satisfies never;
    }
  }

  #createdAt(service: string): string | undefined {
    this.#created ??= new Map(
      this.#objects.services.map(({ metadata }) => [nameOf(metadata), metadata.creationTimestamp ?? '']),
    );
    return this.#created.get(service);
  }

  /** The newest of the Service's EndpointSlices. */
  #changedAt(service: string): string | undefined {
    this.#lastChanges ??= newest(
      this.#objects.endpointSlices.map(({ metadata }) => [
        `${metadata.namespace ?? ''}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`,
        lastChangeOf(metadata) ?? '',
      ]),
    );
    return this.#lastChanges.get(service);
  }

  #readyAt(backend: BackendKey): string | undefined {
    this.#readySince ??= newest(
      (this.#objects.pods ?? []).flatMap((pod) => addressesOf(pod).map((address) => [address, readySince(pod)])),
    );
    return this.#readySince.get(partsOf(backend).address);
  }
}

/** Agents leave out what is below the unit in which an age is told (k8s.io/apimachinery, duration.HumanDuration). */
function atMost(seconds: number): number {
  if (seconds < 600) return seconds + 1;
  return seconds + (seconds < 8 * 3600 ? 60 : 3600);
}

/** The last time of each; one that is not told makes it not known. */
function newest(times: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const all = Map.groupBy(times, ([name]) => name);
  return new Map(
    [...all].map(([name, some]) => {
      const known = some.map(([, time]) => time);
      return [name, known.includes('') ? '' : (known.toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? '')];
    }),
  );
}

const nameOf = ({ namespace, name }: { readonly namespace?: string; readonly name: string }): string =>
  `${namespace ?? ''}/${name}`;

/** Who shares the address of its node has none of its own. */
const addressesOf = ({ spec, status }: Pod): readonly string[] =>
  spec?.hostNetwork === true
    ? []
    : [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)].flatMap((ip) => canonicalAddress(ip ?? '') ?? []);

const readySince = ({ status }: Pod): string =>
  status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'True')?.lastTransitionTime ?? '';
