import type { FlagName } from '../../model/lb/lbFlags.ts';
import type { FrontendKey } from '../../model/lb/keys.ts';
import { SortedMap } from '../../model/SortedMap.ts';
import type { ExpectedFrontend, ExpectedTable } from './ExpectedTable.ts';
import { ownerId, ownerName } from './OwnerRef.ts';
import type { Refusal } from './Refusal.ts';

/**
 * What several nodes are asked for alike, held once: most of a table. Rows that are equal become one object, and rows
 * of node addresses have their lists in common with the row that they are derived from.
 */
export class SharedExpectations {
  readonly #rows = new Map<FrontendKey, ExpectedFrontend>();
  #refused: readonly Refusal[] = [];
  readonly #flags = new Map<string, ReadonlySet<FlagName>>();

  share(table: ExpectedTable): ExpectedTable {
    const rows = [...table.frontends.values()].map((row) => this.#row(row));
    const frontends = new SortedMap(rows.map((row) => [row.key, row]));
    return { ...table, frontends, refused: { ...table.refused, services: this.#servicesOf(table.refused.services) } };
  }

  /** May be every NodePort of the cluster, and nearly always is what the node before refuses. */
  #servicesOf(refused: readonly Refusal[]): readonly Refusal[] {
    if (!sameRefusals(this.#refused, refused)) this.#refused = refused;
    return this.#refused;
  }

  #row(row: ExpectedFrontend): ExpectedFrontend {
    const same = this.#rows.get(row.key);
    if (same !== undefined && isEqual(same, row)) return same;
    const origin = this.#rows.get(row.agentKey);
    const shared = {
      ...row,
      flags: this.#flagsOf(row.flags),
      ...(origin !== undefined && {
        agentKey: origin.key,
        backends: equalMembers(origin.backends, row.backends) ? origin.backends : row.backends,
        selectable: equalMembers(origin.selectable, row.selectable) ? origin.selectable : row.selectable,
        owner: isSameOwner(origin, row) ? origin.owner : row.owner,
      }),
    };
    // The first of each key is nearly always that of most nodes.
    if (same === undefined) this.#rows.set(row.key, shared);
    return shared;
  }

  #flagsOf(flags: ReadonlySet<FlagName>): ReadonlySet<FlagName> {
    const words = [...flags].toSorted().join();
    const shared = this.#flags.get(words) ?? flags;
    this.#flags.set(words, shared);
    return shared;
  }
}

/** Of rows with the same key, by which address, port, protocol and scope are equal. */
const isEqual = (a: ExpectedFrontend, b: ExpectedFrontend): boolean =>
  a.type === b.type &&
  a.portName === b.portName &&
  a.affinityTimeout === b.affinityTimeout &&
  a.algorithm === b.algorithm &&
  a.maglev === b.maglev &&
  a.remote === b.remote &&
  a.optional === b.optional &&
  a.agentKey === b.agentKey &&
  a.alternatives.length + b.alternatives.length === 0 &&
  isSameOwner(a, b) &&
  equalMembers(a.selectable, b.selectable) &&
  equalMembers(a.backends, b.backends) &&
  equalMembers(a.sourceRanges, b.sourceRanges) &&
  a.flags.size === b.flags.size &&
  [...a.flags].every((flag) => b.flags.has(flag));

const sameRefusals = (a: readonly Refusal[], b: readonly Refusal[]): boolean =>
  a.length === b.length &&
  a.every(({ key, owner, type, why }, at) => {
    const other = b[at];
    return (
      other?.key === key &&
      other.type === type &&
      ownerId(other.owner) === ownerId(owner) &&
      JSON.stringify(other.why) === JSON.stringify(why)
    );
  });

const isSameOwner = ({ owner: a }: ExpectedFrontend, { owner: b }: ExpectedFrontend): boolean =>
  a.kind === b.kind && ownerName(a) === ownerName(b);

/** The same members in the same order; backends of EndpointSlices are the same objects for all nodes. */
const equalMembers = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((member, at) => member === b[at]);
