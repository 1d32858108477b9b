import type { Family } from '../../../model/lb/address.ts';
import { addressNumber } from '../../../model/addressNumber.ts';
import { canonicalAddress } from '../../../model/lb/address.ts';
import type { FilterChain, FilterCondition, FilterHook, FilterRule, FilterTable } from '../../../model/PacketFilter.ts';

/** The first packet of a connection, as far as it is known; undefined: any. */
export interface Packet {
  readonly family: Family;
  readonly protocol: 'tcp' | 'udp';
  readonly source: string | undefined;
  readonly destination: string | undefined;
  readonly port: number | undefined;
  /** Absent: it did not come by a link, or goes by none. */
  readonly inLink?: string;
  readonly outLink?: string;
  /** Any of these: a packet that nobody tracks is not `NEW`. */
  readonly states: ReadonlySet<string>;
  readonly mark: number | undefined;
}

/** What drops a packet for certain. */
export interface Dropping {
  readonly table: FilterTable;
  readonly chain: FilterChain;
  /** undefined: the chain's policy. */
  readonly rule: FilterRule | undefined;
}

/** What becomes of a packet in a chain; several where it is not known which. */
interface Fate {
  readonly mayPass: boolean;
  /** It comes to the end of the chain, or is sent back to where it came from. */
  readonly mayReturn: boolean;
  /** The first that may drop it. */
  readonly dropping: Dropping | undefined;
}

interface Walk {
  readonly table: FilterTable;
  readonly packet: Packet;
  /** A rule that sets marks takes away what is known of them. */
  mark: number | undefined;
  depth: number;
}

/** More than iptables allows; nobody knows what happens in a circle. */
const deepest = 16;
const unknownFate: Fate = { mayPass: true, mayReturn: true, dropping: undefined };

/**
 * What surely drops the packet at one of these hooks: whichever of what is not known here holds, nothing lets it pass.
 * undefined: it passes, or nobody can tell.
 */
export function whatDrops(
  tables: readonly FilterTable[],
  packet: Packet,
  hooks: readonly FilterHook[],
): Dropping | undefined {
  for (const table of tables) {
    if (table.family !== undefined && table.family !== packet.family) continue;
    for (const chain of table.chains.values()) {
      if (chain.hook === undefined || !hooks.includes(chain.hook)) continue;
      const { mayPass, mayReturn, dropping } = fateIn(chain, { table, packet, mark: packet.mark, depth: 0 });
      if (mayPass || (mayReturn && !chain.drops)) continue;
      return dropping ?? { table, chain, rule: undefined };
    }
  }
  return undefined;
}

function fateIn(chain: FilterChain, walk: Walk): Fate {
  if (walk.depth > deepest) return unknownFate;
  let mayPass = false;
  let mayReturn = false;
  let dropping: Dropping | undefined;
  for (const rule of chain.rules) {
    const matches = doesMatch(rule, walk);
    if (matches === false) continue;
    const { fate, goesOn } = fateBy(rule, chain, walk);
    mayPass ||= fate.mayPass;
    mayReturn ||= fate.mayReturn;
    dropping ??= fate.dropping;
    if (matches === true && !goesOn) return { mayPass, mayReturn, dropping };
  }
  return { mayPass, mayReturn: true, dropping };
}

const nothing: Fate = { mayPass: false, mayReturn: false, dropping: undefined };

/** What the rule makes of a packet that it matches, and whether that may go on to the next one. */
function fateBy(rule: FilterRule, chain: FilterChain, walk: Walk): { readonly fate: Fate; readonly goesOn: boolean } {
  const { action } = rule;
  switch (action.kind) {
    case 'accept':
      return { fate: { ...nothing, mayPass: true }, goesOn: false };
    case 'drop':
      return { fate: { ...nothing, dropping: { table: walk.table, chain, rule } }, goesOn: false };
    case 'return':
      return { fate: { ...nothing, mayReturn: true }, goesOn: false };
    case 'mark':
      walk.mark = undefined;
      return { fate: nothing, goesOn: true };
    case 'goOn':
      return { fate: nothing, goesOn: true };
    case 'mayDecide':
      return { fate: unknownFate, goesOn: true };
    case 'jump':
    case 'goto': {
      const next = walk.table.chains.get(action.chain);
      walk.depth += 1;
      const fate = next === undefined ? unknownFate : fateIn(next, walk);
      walk.depth -= 1;
      // What comes back from a chain that was gone to comes back to the one before.
      return action.kind === 'goto'
        ? { fate, goesOn: false }
        : { fate: { ...fate, mayReturn: false }, goesOn: fate.mayReturn };
    }
  }
}

/** undefined: it depends on what is not known. */
function doesMatch({ conditions }: FilterRule, walk: Walk): boolean | undefined {
  let matches: boolean | undefined = true;
  for (const condition of conditions) {
    const holds = doesHold(condition, walk);
    const met = holds === undefined || condition.not !== true ? holds : !holds;
    if (met === false) return false;
    if (met === undefined) matches = undefined;
  }
  return matches;
}

function doesHold(condition: FilterCondition, { packet, mark }: Walk): boolean | undefined {
  switch (condition.on) {
    case 'inLink':
    case 'outLink':
      return isLink(packet[condition.on] ?? '', condition.name);
    case 'source':
    case 'destination':
      return isWithin(packet[condition.on], condition);
    case 'family':
      return packet.family === condition.family;
    case 'protocol':
      return packet.protocol === condition.protocol;
    case 'port':
      return packet.port === undefined ? undefined : packet.port >= condition.from && packet.port <= condition.to;
    case 'state':
      return allOrNone([...packet.states].map((state) => condition.states.has(state)));
    case 'mark':
      return mark === undefined ? undefined : (mark & condition.mask) >>> 0 === condition.value;
    // Nothing is known of the port from which somebody connects.
    case 'sourcePort':
    case 'other':
      return undefined;
  }
}

const isLink = (link: string, name: string): boolean =>
  name.endsWith('+') ? link.startsWith(name.slice(0, -1)) : link === name;

function isWithin(
  address: string | undefined,
  { family, from, to }: { readonly family: Family; readonly from: bigint; readonly to: bigint },
): boolean | undefined {
  const known = address === undefined ? undefined : canonicalAddress(address);
  if (known === undefined) return undefined;
  if (known.includes(':') !== (family === 'ipv6')) return false;
  const number = addressNumber(known);
  return number >= from && number <= to;
}

const allOrNone = (all: readonly boolean[]): boolean | undefined =>
  all.every((one) => one) ? true : all.some((one) => one) ? undefined : false;
