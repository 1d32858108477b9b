import { canonicalCidr } from '../../src/model/lb/address.ts';
import { type FrontendFlags, flagsOfWords } from '../../src/model/lb/lbFlags.ts';
import {
  type ParsedBackend,
  type ParsedFrontend,
  parseBackend,
  parseFrontend,
  withoutProtocol,
} from '../../src/model/lb/keys.ts';
import type { BackendState, Frontend, LbTable } from '../../src/model/lb/LbTable.ts';
import { addTo, LbTableBuilder } from '../../src/parse/lb/LbTableBuilder.ts';
import { parseCount } from '../../src/parse/lb/parseCount.ts';

/**
 * Reads `cilium-dbg shell -- lb/maps-dump` (Cilium 1.18 and newer): one entry of a map a line, in no particular order.
 * Total: what is not understood is in `notUnderstood`. One pass, linear in the length of the text.
 */
export function parseMapsDump(text: string): LbTable {
  const dump = new MapsDump();
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end === -1) end = text.length;
    const last = text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    if (last > start) dump.line(text, start, last);
    start = end + 1;
  }
  return dump.finish();
}

const states: ReadonlyMap<string, BackendState> = new Map([
  ['active', 'active'],
  ['terminating', 'terminating'],
  ['terminating-not-serving', 'terminating-not-serving'],
  ['quarantined', 'quarantined'],
  ['maintenance', 'maintenance'],
]);

/**
 * The two kinds of line of which there are tens of thousands, matched where they stand; every other spelling is read
 * field by field. Both match within one line only.
 */
const slotLine = /SVC: ID=(\d{1,9}) ADDR=(\S+) SLOT=([1-9]\d{0,8}) BEID=(\d{1,9}) COUNT=\d+ QCOUNT=\d+ FLAGS=/y;
const backendLine = /BE: ID=(\d{1,9}) ADDR=(\S+) STATE=(\S*)(?=[\r\n]|$)/y;

/** A copy that does not keep the whole text in memory, as a slice of it does. */
const own = (text: string): string => ` ${text}`.slice(1);

class MapsDump {
  readonly #table = new LbTableBuilder();
  readonly #revNat = new Map<number, string>();
  readonly #sourceRanges = new Map<number, string[]>();
  readonly #affinity = new Map<number, number[]>();
  readonly #maglev = new Map<number, number[]>();
  /** Few combinations occur on thousands of rows. */
  readonly #flags = new Map<string, FrontendFlags>();

  line(text: string, from: number, to: number): void {
    if (this.#isSlot(text, from) || this.#isBackend(text, from)) return;
    const colon = text.indexOf(': ', from);
    const kind = colon === -1 || colon >= to ? '' : text.slice(from, colon);
    const body = colon + 2;
    let problem: string | undefined;
    switch (kind) {
      case 'SVC':
        problem = this.#service(text, body, to);
        break;
      case 'BE':
        problem = this.#backend(text.slice(body, to));
        break;
      case 'REV':
        problem = this.#reverse(text.slice(body, to));
        break;
      case 'AFF':
        problem = this.#affine(text.slice(body, to));
        break;
      case 'SRCRANGE':
        problem = this.#sourceRange(text.slice(body, to));
        break;
      case 'MAGLEV':
        problem = this.#maglevTable(text.slice(body, to));
        break;
      default:
        problem = 'no such kind of entry is known';
    }
    if (problem === undefined) return;
    const line = text.slice(from, to);
    this.#table.notUnderstood(line, problem, kind === 'SVC' ? (/ ADDR=(\S+)/.exec(line)?.[1] ?? '') : undefined);
  }

  #isSlot(text: string, from: number): boolean {
    slotLine.lastIndex = from;
    const fields = slotLine.exec(text);
    if (fields === null) return false;
    const [, id = '', address = '', slot = '', backend = ''] = fields;
    const row = this.#table.row(address, parseOwnFrontend);
    if (row === undefined) return false;
    this.#table.slot(row, Number(slot), Number(id), Number(backend), undefined);
    return true;
  }

  #isBackend(text: string, from: number): boolean {
    backendLine.lastIndex = from;
    const fields = backendLine.exec(text);
    if (fields === null) return false;
    const [, id = '', address = '', word = ''] = fields;
    const state = states.get(word);
    const backend = parseOwnBackend(address);
    if (state === undefined || backend === undefined) return false;
    this.#table.backend(Number(id), backend, state);
    return true;
  }

  /** `ID=5 ADDR=10.96.0.10:53/UDP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=2 QCOUNT=0 FLAGS=ClusterIP+non-routable` */
  #service(text: string, from: number, to: number): string | undefined {
    let id = '';
    let address = '';
    let slot = '';
    let count = '';
    let inactive = '';
    let backendId = '';
    let affinity = '';
    let algorithm = '';
    let proxy = '';
    let flags: string | undefined;
    let unknown = '';
    for (let at = from; at < to;) {
      const equals = text.indexOf('=', at);
      if (equals === -1 || equals >= to) return `a field without value: ${text.slice(at, to)}`;
      const name = text.slice(at, equals);
      if (name === 'FLAGS') {
        // The last field; its words may hold blanks.
        flags = text.slice(equals + 1, to);
        break;
      }
      let end = text.indexOf(' ', equals);
      if (end === -1 || end > to) end = to;
      const value = text.slice(equals + 1, end);
      switch (name) {
        case 'ID':
          id = value;
          break;
        case 'ADDR':
          address = value;
          break;
        case 'SLOT':
          slot = value;
          break;
        case 'BEID':
          backendId = value;
          break;
        case 'COUNT':
          count = value;
          break;
        case 'QCOUNT':
          inactive = value;
          break;
        case 'LBALG':
          algorithm = value;
          break;
        case 'AFFTimeout':
          affinity = value;
          break;
        case 'L7Proxy':
          proxy = value;
          break;
        default:
          unknown = name;
      }
      at = end + 1;
    }
    if (flags === undefined) return 'the row is cut off: it has no flags';
    const number = parseCount(slot);
    const serviceId = parseCount(id);
    if (number === undefined || serviceId === undefined) return 'ID or SLOT is no number';
    const row = this.#table.row(address, parseOwnFrontend);
    if (row === undefined) return 'ADDR is no address, port and known protocol';
    if (number > 0) {
      const backend = parseCount(backendId);
      if (backend === undefined) return 'a slot without BEID';
      this.#table.slot(row, number, serviceId, backend, undefined);
    } else {
      const usable = parseCount(count);
      if (usable === undefined) return 'slot 0 without COUNT';
      const read = this.#flagsOf(flags);
      if (read.unknown.length > 0) unknown = `flag ${read.unknown.join(', ')}`;
      this.#table.master(row, {
        id: serviceId,
        flags: read,
        count: usable,
        inactiveCount: parseCount(inactive),
        affinityTimeout: affinity === '' ? undefined : parseCount(affinity),
        algorithm: algorithmOf(algorithm),
        l7ProxyPort: proxy === '' ? undefined : parseCount(proxy),
      });
    }
    return unknown === '' ? undefined : `unknown: ${unknown}; the rest of the row was read`;
  }

  #flagsOf(words: string): FrontendFlags {
    let flags = this.#flags.get(words);
    if (flags === undefined) {
      flags = flagsOfWords(words.split('+'));
      this.#flags.set(words, flags);
    }
    return flags;
  }

  /** `ID=5 ADDR=10.244.0.198:53/UDP STATE=active` */
  #backend(body: string): string | undefined {
    const fields = /^ID=(\d{1,10}) ADDR=(\S+) STATE=(\S*)$/.exec(body);
    if (fields === null) return 'not ID, ADDR and STATE';
    const [, id = '', address = '', state = ''] = fields;
    const backend = parseOwnBackend(address);
    if (backend === undefined) return 'ADDR is no address, port and known protocol';
    const known = states.get(state);
    this.#table.backend(Number(id), backend, known);
    return known === undefined ? `unknown: state ${state}; the rest of the row was read` : undefined;
  }

  #reverse(body: string): string | undefined {
    const fields = /^ID=(\d{1,10}) ADDR=(\S+)$/.exec(body);
    const [, id = '', address = ''] = fields ?? [];
    const frontend = parseOwnFrontend(address);
    if (fields === null || frontend === undefined) return 'not ID and ADDR';
    this.#revNat.set(Number(id), withoutProtocol(frontend.key));
    this.#table.other();
    return undefined;
  }

  #affine(body: string): string | undefined {
    const fields = /^ID=(\d{1,10}) BEID=(\d{1,10})$/.exec(body);
    if (fields === null) return 'not ID and BEID';
    addTo(this.#affinity, Number(fields[1]), Number(fields[2]));
    this.#table.other();
    return undefined;
  }

  #sourceRange(body: string): string | undefined {
    const fields = /^ID=(\d{1,10}) CIDR=(\S+)$/.exec(body);
    const cidr = canonicalCidr(fields?.[2] ?? '');
    if (fields === null || cidr === undefined) return 'not ID and CIDR';
    addTo(this.#sourceRanges, Number(fields[1]), cidr);
    this.#table.other();
    return undefined;
  }

  /** `ID=7 INNER=[10(5461), 2(5460)]`: backend IDs with their shares of the table. */
  #maglevTable(body: string): string | undefined {
    const fields = /^ID=(\d{1,10}) INNER=\[([^\]]*)\]$/.exec(body);
    if (fields === null) return 'not ID and INNER';
    const ids: number[] = [];
    for (const part of (fields[2] ?? '').split(', ')) {
      const id = /^(\d{1,10})\(\d{1,10}\)$/.exec(part)?.[1];
      if (id !== undefined) ids.push(Number(id));
      else if (part !== '') return `not a backend and its share: ${part}`;
    }
    this.#maglev.set(Number(fields[1]), ids);
    this.#table.other();
    return undefined;
  }

  finish(): LbTable {
    for (const ranges of this.#sourceRanges.values()) ranges.sort();
    return this.#table.finish('mapsDump', {
      resolve: true,
      revNat: this.#revNat,
      sourceRanges: this.#sourceRanges,
      affinity: this.#affinity,
      maglev: this.#maglev,
    });
  }
}

const parseOwnFrontend = (text: string): ParsedFrontend | undefined => parseFrontend(own(text));
const parseOwnBackend = (text: string): ParsedBackend | undefined => parseBackend(own(text));

const algorithmOf = (text: string): Frontend['algorithm'] =>
  text === 'undef' || text === 'random' || text === 'maglev' ? text : undefined;
