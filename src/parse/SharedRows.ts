import { mapFact } from '../model/Fact.ts';
import type { FrontendFlags } from '../model/lb/lbFlags.ts';
import type { BackendKey, FrontendKey } from '../model/lb/keys.ts';
import type { AgentRow, Frontend, LbTable } from '../model/lb/LbTable.ts';
import type { FrontendState, MapFrontend, NodeFacts } from '../model/NodeFacts.ts';
import { SortedMap } from '../model/SortedMap.ts';
import { CommonFrontends, SelectableCounts } from '../model/lb/CommonFrontends.ts';
import type { KnownStates } from './digest/KnownStates.ts';
import { OwnStrings } from './OwnStrings.ts';
import { CompactFrontends, type RowShape } from './lb/CompactFrontends.ts';

/**
 * What nodes have in common, held once: their tables are nearly equal, and a hundred of them as parsed would fill a
 * gigabyte. Facts read the same afterwards. It also lets go of the texts: what V8 cuts out of a text keeps all of it in
 * memory, and an equal string that is known already keeps nothing.
 */
export class SharedRows {
  readonly #known: Pick<KnownStates, 'isShared'> | undefined;
  readonly #addresses = new Map<string, string>();
  readonly #frontends = new Map<FrontendKey, FrontendKey>();
  readonly #backends = new Map<BackendKey, BackendKey>();
  readonly #flags = new Map<string, FrontendFlags>();
  readonly #slots = new Map<string, RowShape['slots']>();
  readonly #shapes = new Map<FrontendKey, RowShape[]>();
  readonly #states = new Map<string, FrontendState>();
  readonly #strings = new OwnStrings();
  readonly #counts = new Map<MapFrontend['selectable'], MapFrontend>();

  /** @param known rows of agents' tables that are held once already */
  constructor(known?: Pick<KnownStates, 'isShared'>) {
    this.#known = known;
  }

  share(facts: NodeFacts): NodeFacts {
    return {
      ...facts,
      lbTable: mapFact(facts.lbTable, (table) => this.#table(table)),
      agentTable: mapFact(facts.agentTable, (table) => this.#table(table)),
      frontendStates: mapFact(facts.frontendStates, (states) =>
        this.#known?.isShared(states) === true ? states : states.map((state) => this.#state(state)),
      ),
      mapFrontends: mapFact(facts.mapFrontends, (frontends) =>
        frontends instanceof SelectableCounts
          ? frontends
          : new SortedMap([...frontends].map(([key, one]) => [sharedText(this.#frontends, key), this.#count(one)])),
      ),
    };
  }

  #table(table: LbTable): LbTable {
    // It was put together of shared rows.
    if (table.frontends instanceof CommonFrontends) return table;
    const flags = new Map<FrontendFlags, FrontendFlags>();
    const sharedFlags = (own: FrontendFlags): FrontendFlags => {
      let shared = flags.get(own);
      if (shared === undefined) flags.set(own, (shared = this.#flagsOf(own)));
      return shared;
    };
    return {
      ...table,
      frontends: new CompactFrontends(table.frontends.values(), (row) => this.#shape(row, sharedFlags(row.flags))),
      ...(table.revNat !== undefined && {
        revNat: new SortedMap([...table.revNat].map(([id, address]) => [id, sharedText(this.#addresses, address)])),
      }),
    };
  }

  #flagsOf(flags: FrontendFlags): FrontendFlags {
    const words = JSON.stringify([flags.type, [...flags.names], flags.unknown]);
    const shared = this.#flags.get(words) ?? flags;
    this.#flags.set(words, shared);
    return shared;
  }

  #shape(row: Frontend, flags: FrontendFlags): RowShape {
    const shapes = this.#shapes.get(row.key) ?? [];
    let shape = shapes.find((one) => one.flags === flags && isShape(one, row));
    if (shape === undefined) {
      shape = this.#newShape(row, flags);
      shapes.push(shape);
      this.#shapes.set(shape.key, shapes);
    }
    return shape;
  }

  /** Written out: what a rest pattern makes takes twice the memory. */
  #newShape(row: Frontend, flags: FrontendFlags): RowShape {
    const { address, port, protocol, scope, hasMaster, count, inactiveCount, affinityTimeout, notSticky } = row;
    const { algorithm, l7ProxyPort, agent } = row;
    return {
      key: sharedText(this.#frontends, row.key),
      address: sharedText(this.#addresses, address),
      port,
      protocol,
      scope,
      hasMaster,
      flags,
      slots: this.#slotsOf(row.slots),
      count,
      inactiveCount,
      affinityTimeout,
      notSticky,
      algorithm,
      l7ProxyPort,
      agent,
    };
  }

  /** A NodePort has the same slots under each address. */
  #slotsOf(slots: Frontend['slots']): RowShape['slots'] {
    const text = slots.map(({ number, backend }) => `${number} ${backend ?? ''}`).join();
    let shared = this.#slots.get(text);
    if (shared === undefined) {
      shared = slots.map(({ number, backend }) => ({
        number,
        backend: backend === undefined ? undefined : sharedText(this.#backends, backend),
      }));
      this.#slots.set(text, shared);
    }
    return shared;
  }

  #state(state: FrontendState): FrontendState {
    const { frontend, type, service, status, error } = state;
    const text = `${frontend} ${type} ${service} ${status} ${error}`;
    const known = this.#states.get(text);
    if (known !== undefined) return known;
    const own = this.#strings.own(state);
    this.#states.set(text, own);
    return own;
  }

  #count(one: MapFrontend): MapFrontend {
    const shared = this.#counts.get(one.selectable) ?? one;
    this.#counts.set(one.selectable, shared);
    return shared;
  }
}

/** The string that is known already, of equal ones. */
function sharedText<T extends string>(known: Map<T, T>, text: T): T {
  const same = known.get(text);
  if (same !== undefined) return same;
  known.set(text, text);
  return text;
}

/** Of rows with the same key and flags. */
function isShape(shape: RowShape, row: Frontend): boolean {
  const { slots } = row;
  if (
    shape.slots.length !== slots.length ||
    shape.hasMaster !== row.hasMaster ||
    shape.count !== row.count ||
    shape.inactiveCount !== row.inactiveCount ||
    shape.affinityTimeout !== row.affinityTimeout ||
    shape.notSticky !== row.notSticky ||
    shape.algorithm !== row.algorithm ||
    shape.l7ProxyPort !== row.l7ProxyPort ||
    !isSameAgentRow(shape.agent, row.agent)
  )
    return false;
  return shape.slots.every((slot, at) => slot.backend === slots[at]?.backend && slot.number === slots[at]?.number);
}

const isSameAgentRow = (a: AgentRow | undefined, b: AgentRow | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.service === b.service &&
    a.status === b.status &&
    a.error === b.error &&
    a.redirectTo === b.redirectTo &&
    a.more === b.more);
