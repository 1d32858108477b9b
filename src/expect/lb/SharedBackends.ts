import type { BackendKey } from '../../model/lb/keys.ts';
import type { EndpointSlice } from '../../model/kubernetes.ts';
import { type BackendIndex, indexBackends } from './endpointBackends.ts';
import type { CiliumBehaviour } from './versionGates.ts';
import type { ExpectedFrontend } from './ExpectedTable.ts';
import type { LbConfig } from './LbConfig.ts';

type Backends = ExpectedFrontend['backends'];

/**
 * What the tables of all nodes that are asked for by the same objects have in common. For one list of EndpointSlices.
 */
export class SharedBackends {
  readonly #indexes = new Map<CiliumBehaviour, Map<string, BackendIndex>>();
  readonly #selectable = new WeakMap<Backends, readonly BackendKey[]>();

  /** Backends differ by behaviour, families and the agent's service-proxy-name only, not by node. */
  indexOf(slices: readonly EndpointSlice[], behaviour: CiliumBehaviour, config: LbConfig): BackendIndex {
    const ofEra = this.#indexes.get(behaviour) ?? new Map<string, BackendIndex>();
    this.#indexes.set(behaviour, ofEra);
    const key = [...config.families, config.serviceProxyName].join();
    const index = ofEra.get(key) ?? indexBackends(slices, behaviour, config);
    ofEra.set(key, index);
    return index;
  }

  /** Of equal lists one result, which rows of all nodes share. */
  selectableOf(backends: Backends): readonly BackendKey[] {
    const known = this.#selectable.get(backends);
    if (known !== undefined) return known;
    const active = keysIn(backends, 'active');
    const selectable = active.length > 0 ? active : keysIn(backends, 'terminating');
    this.#selectable.set(backends, selectable);
    return selectable;
  }
}

const keysIn = (backends: Backends, wanted: 'active' | 'terminating'): readonly BackendKey[] =>
  backends.filter(({ state }) => state === wanted).map(({ key }) => key);
