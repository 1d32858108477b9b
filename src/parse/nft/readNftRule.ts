import type { FilterAction, FilterCondition, FilterRule } from '../../model/PacketFilter.ts';

/** Values that come by netlink, by their numbers (linux: include/uapi/linux/netfilter/nf_tables.h, NFTA_…). */
type Attributes = ReadonlyMap<number, Buffer>;

/** What an expression put into a register, to be compared; undefined: something that is not looked at here. */
interface Loaded {
  readonly field: Field | undefined;
  readonly mask?: Buffer;
}
type Field = 'mark' | 'inLink' | 'outLink' | 'inIndex' | 'family' | 'protocol' | 'state' | 'port' | Address;
type Address = 'source4' | 'destination4' | 'source6' | 'destination6';

/** One element of a map of verdicts. */
interface Choice {
  readonly condition: FilterCondition;
  readonly action: FilterAction;
}

interface Reading {
  readonly registers: Map<number, Loaded>;
  readonly conditions: FilterCondition[];
  readonly maps: VerdictMaps;
  action: FilterAction;
  /** In place of the action. */
  choices: readonly Choice[] | undefined;
  packets: number | undefined;
}

const other: FilterCondition = { on: 'other' };

/** The elements of maps of verdicts, each in hexadecimal, by the names of the maps. */
export type VerdictMaps = ReadonlyMap<string, readonly string[]>;

/**
 * A rule by its expressions, `NAME:HEX` each; undefined: another text. One that looks a verdict up is one rule for each
 * element of the map.
 *
 * @param line how the rule is called for people
 */
export function readNftRule(
  expressions: readonly string[],
  line: string,
  maps: VerdictMaps,
): readonly FilterRule[] | undefined {
  const reading: Reading = {
    registers: new Map(),
    conditions: [],
    maps,
    action: { kind: 'goOn' },
    choices: undefined,
    packets: undefined,
  };
  for (const expression of expressions) {
    const [, name, hex = ''] = /^([\w.]{1,32}):((?:[\da-f]{2})*)$/.exec(expression) ?? [];
    const attributes = name === undefined ? undefined : attributesOf(Buffer.from(hex, 'hex'));
    if (name === undefined || attributes === undefined) return undefined;
    read(reading, name, attributes);
  }
  const { conditions, action, choices, packets } = reading;
  return choices === undefined
    ? [{ conditions, action, packets, line }]
    : choices.map((one) => ({ conditions: [...conditions, one.condition], action: one.action, packets, line }));
}

/** Length and type are of the node's byte order; all machines that Cilium runs on have the little end first. */
function attributesOf(bytes: Buffer): Attributes | undefined {
  const attributes = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length;) {
    const length = at + 4 <= bytes.length ? bytes.readUInt16LE(at) : 0;
    if (length < 4 || at + length > bytes.length) return undefined;
    attributes.set(bytes.readUInt16LE(at + 2) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return attributes;
}

function numberIn(attributes: Attributes, type: number): number | undefined {
  const bytes = attributes.get(type);
  return bytes?.length === 4 ? bytes.readUInt32BE() : undefined;
}

const nestedIn = (attributes: Attributes, type: number): Attributes =>
  attributesOf(attributes.get(type) ?? Buffer.alloc(0)) ?? new Map();

function read(reading: Reading, name: string, attributes: Attributes): void {
  const { registers, conditions } = reading;
  switch (name) {
    case 'meta':
      if (attributes.has(3)) reading.action = { kind: 'mark' };
      else load(registers, numberIn(attributes, 1), { field: metaFields.get(numberIn(attributes, 2) ?? -1) });
      return;
    case 'ct':
      load(registers, numberIn(attributes, 1), { field: numberIn(attributes, 2) === 0 ? 'state' : undefined });
      return;
    case 'payload':
      load(registers, numberIn(attributes, 1), { field: payloadField(attributes) });
      return;
    case 'bitwise':
      load(registers, numberIn(attributes, 2), masked(registers, attributes));
      return;
    case 'cmp':
      conditions.push(compared(registers.get(numberIn(attributes, 1) ?? -1), attributes));
      return;
    case 'immediate':
      if (numberIn(attributes, 1) === 0) reading.action = verdictOf(attributes);
      return;
    case 'reject':
      reading.action = { kind: 'drop' };
      return;
    case 'counter':
      reading.packets = Number(attributes.get(2)?.length === 8 ? attributes.get(2)?.readBigUInt64BE() : 0);
      return;
    case 'lookup':
      // With a register for the verdict it is a map of them, of which each element may say another one.
      if (numberIn(attributes, 3) !== 0) conditions.push(other);
      else {
        reading.choices = choicesIn(reading, attributes);
        reading.action = { kind: 'mayDecide' };
      }
      return;
    case 'log':
    case 'notrack':
      return;
    case 'range':
    case 'limit':
    case 'quota':
    case 'connlimit':
    case 'match':
      conditions.push(other);
      return;
    default:
      reading.action = { kind: 'mayDecide' };
  }
}

/** undefined: what is looked up, or one of the elements, is not understood here; of ranges (flags) none is. */
function choicesIn({ registers, maps }: Reading, attributes: Attributes): readonly Choice[] | undefined {
  const { field, mask } = registers.get(numberIn(attributes, 2) ?? -1) ?? {};
  const elements = maps.get(nameIn(attributes.get(1)));
  if (field === undefined || mask !== undefined || elements === undefined) return undefined;
  const choices = elements.flatMap((hex): Choice[] => {
    const element = attributesOf(Buffer.from(hex, 'hex'));
    const key = element && nestedIn(element, 1).get(1);
    if (element === undefined || key === undefined || numberIn(element, 3) !== undefined) return [];
    const condition = conditionOn(field, key, undefined);
    return condition.on === 'other' ? [] : [{ condition, action: verdictOf(element) }];
  });
  return choices.length === elements.length ? choices : undefined;
}

const nameIn = (bytes: Buffer | undefined): string => bytes?.toString('latin1').replace(/\0+$/, '') ?? '';

function load(registers: Map<number, Loaded>, register: number | undefined, loaded: Loaded): void {
  if (register !== undefined) registers.set(register, loaded);
}

/** NFT_META_… */
const metaFields: ReadonlyMap<number, Field> = new Map([
  [3, 'mark'],
  [4, 'inIndex'],
  [6, 'inLink'],
  [7, 'outLink'],
  [15, 'family'],
  [16, 'protocol'],
]);

/** Of the network's header addresses, from their beginning, and the protocol; of the transport's the port asked for. */
function payloadField(attributes: Attributes): Field | undefined {
  const offset = numberIn(attributes, 3) ?? -1;
  switch (numberIn(attributes, 2) ?? 0) {
    case 1:
      return networkFields.get(offset);
    case 2:
      return offset === 2 && numberIn(attributes, 4) === 2 ? 'port' : undefined;
    default:
      return undefined;
  }
}

const networkFields: ReadonlyMap<number, Address | 'protocol'> = new Map([
  [9, 'protocol'],
  [6, 'protocol'],
  [12, 'source4'],
  [16, 'destination4'],
  [8, 'source6'],
  [24, 'destination6'],
]);

function masked(registers: ReadonlyMap<number, Loaded>, attributes: Attributes): Loaded {
  const field = registers.get(numberIn(attributes, 1) ?? -1)?.field;
  const mask = nestedIn(attributes, 4).get(1);
  const flips =
    nestedIn(attributes, 5)
      .get(1)
      ?.some((byte) => byte !== 0) ?? true;
  return field === undefined || mask === undefined || flips ? { field: undefined } : { field, mask };
}

/** NFT_CMP_EQ is 0, NFT_CMP_NEQ 1; the others are not looked at. */
function compared(loaded: Loaded | undefined, attributes: Attributes): FilterCondition {
  const operator = numberIn(attributes, 2);
  const value = nestedIn(attributes, 3).get(1);
  if (loaded?.field === undefined || value === undefined || (operator !== 0 && operator !== 1)) return other;
  const condition = conditionOn(loaded.field, value, loaded.mask);
  return operator === 1 ? { ...condition, not: condition.not !== true } : condition;
}

function conditionOn(field: Field, value: Buffer, mask: Buffer | undefined): FilterCondition {
  switch (field) {
    case 'inLink':
    case 'outLink':
      return mask === undefined ? { on: field, name: linkName(value) } : other;
    case 'inIndex':
      return mask === undefined && value.length === 4 && value.readUInt32LE() === 1
        ? { on: 'inLink', name: 'lo' }
        : other;
    case 'family':
      return value[0] === 2 || value[0] === 10 ? { on: 'family', family: value[0] === 2 ? 'ipv4' : 'ipv6' } : other;
    case 'protocol':
      return { on: 'protocol', protocol: value[0] === 6 ? 'tcp' : value[0] === 17 ? 'udp' : String(value[0]) };
    case 'port':
      return mask === undefined && value.length === 2
        ? { on: 'port', from: value.readUInt16BE(), to: value.readUInt16BE() }
        : other;
    case 'mark':
      return value.length === 4
        ? { on: 'mark', value: value.readUInt32LE(), mask: mask?.length === 4 ? mask.readUInt32LE() : 0xff_ff_ff_ff }
        : other;
    case 'state':
      return stateCondition(value, mask);
    case 'source4':
    case 'source6':
    case 'destination4':
    case 'destination6':
      return addressCondition(field, value, mask);
  }
}

/** `eth0` with zeros behind it; a name that ends without one is the beginning of names. */
function linkName(value: Buffer): string {
  const end = value.indexOf(0);
  return end === -1 ? `${value.toString('latin1')}+` : value.toString('latin1', 0, end);
}

/** linux: NF_CT_STATE_BIT of include/uapi/linux/netfilter/nf_conntrack_common.h */
const stateBits: readonly (readonly [bit: number, state: string])[] = [
  [1, 'INVALID'],
  [2, 'ESTABLISHED'],
  [4, 'RELATED'],
  [8, 'NEW'],
  [64, 'UNTRACKED'],
];

/** `ct state new,established` masks these and asks whether any is there: it compares with 0, for being another. */
function stateCondition(value: Buffer, mask: Buffer | undefined): FilterCondition {
  if (value.length !== 4 || (mask !== undefined && mask.length !== 4)) return other;
  const bits = value.readUInt32LE();
  if (mask === undefined || bits !== 0) return mask === undefined ? statesOf(bits, false) : other;
  return statesOf(mask.readUInt32LE(), true);
}

const statesOf = (bits: number, not: boolean): FilterCondition => ({
  on: 'state',
  states: new Set(stateBits.filter(([bit]) => (bits & bit) !== 0).map(([, state]) => state)),
  not,
});

/** A prefix of whole bytes is compared by these alone, another one by a mask. */
function addressCondition(field: Address, value: Buffer, mask: Buffer | undefined): FilterCondition {
  const size = field.endsWith('4') ? 4 : 16;
  if (value.length > size || value.length === 0 || (mask !== undefined && mask.length !== value.length)) return other;
  const fixed = mask === undefined ? value.length * 8 : prefixOf(mask);
  if (fixed === undefined) return other;
  const open = BigInt(size * 8 - fixed);
  const number = BigInt(`0x${value.toString('hex').padEnd(size * 2, '0')}`);
  const from = (number >> open) << open;
  return {
    on: field.startsWith('source') ? 'source' : 'destination',
    family: size === 4 ? 'ipv4' : 'ipv6',
    from,
    to: from + (1n << open) - 1n,
  };
}

/** How many bits are set from the beginning; undefined: others are, too. */
function prefixOf(mask: Buffer): number | undefined {
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

/** NF_DROP is 0, NF_ACCEPT 1, NFT_RETURN -5, NFT_JUMP -3, NFT_GOTO -4, NFT_CONTINUE -1. */
function verdictOf(attributes: Attributes): FilterAction {
  const verdict = nestedIn(nestedIn(attributes, 2), 2);
  const code = verdict.get(1)?.length === 4 ? verdict.get(1)?.readInt32BE() : undefined;
  const chain = nameIn(verdict.get(2));
  switch (code ?? NaN) {
    case 0:
      return { kind: 'drop' };
    case 1:
      return { kind: 'accept' };
    case -1:
      return { kind: 'goOn' };
    case -3:
      return { kind: 'jump', chain };
    case -4:
      return { kind: 'goto', chain };
    case -5:
      return { kind: 'return' };
    default:
      return { kind: 'mayDecide' };
  }
}
