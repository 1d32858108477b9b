import type { MapFrontend } from '../model/NodeFacts.ts';
import { readMapDump } from './readMapDump.ts';
import { type FrontendKey, parseFrontend } from '../model/lb/keys.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf } from './text.ts';

/**
 * `cilium-dbg bpf lb list --frontends`, JSON or text. Slot 0 of a frontend holds how many of the slots behind it take
 * new connections: `0 3[0] (6) [0x2 0x0]` is three, with none quarantined (cilium: pkg/loadbalancer/maps/types.go).
 *
 * Before 1.13 the key is without the slot and the values of all slots stand together; before 1.17 it has no protocol;
 * the oldest form, `5 (6) [FLAGS: 0x2]`, does not say the count, so the slots are counted.
 */
export function parseMapFrontends(text: string): Parsed<ReadonlyMap<FrontendKey, MapFrontend>> {
  const dump = readMapDump(text);
  if (!dump.ok) return dump;
  const seen = new Map<FrontendKey, { master: boolean; count: number | undefined; slots: number }>();
  for (const { key, values } of dump.value) {
    const [, endpoint = '', slotText] = /^(\S+)(?: \((\d+)\))?$/.exec(key.trim()) ?? [];
    const frontend = parseFrontend(endpoint);
    if (frontend === undefined) return unparsed(`a frontend of the map: ${excerptOf(key)}`);
    // Drops what a VIP gets for ports that it does not serve; no frontend of a Service (1.19).
    if (frontend.port === 0) continue;
    const entry = seen.get(frontend.key) ?? { master: false, count: undefined, slots: 0 };
    seen.set(frontend.key, entry);
    for (const value of values) {
      const counted = /^\s*(\d+) (\d+)(?:\[\d+\])? \(\d+\)/.exec(value);
      if (counted === null && !/^\s*\d+ \(\d+\) \[FLAGS/.test(value)) {
        return unparsed(`the entry of ${excerptOf(key)}: ${excerptOf(value)}`);
      }
      const isMaster = slotText === undefined ? isMasterOf(counted, value) : Number(slotText) === 0;
      if (isMaster) {
        entry.master = true;
        if (counted !== null) entry.count = Math.max(Number(counted[2]), entry.count ?? 0);
      } else {
        entry.slots++;
      }
    }
  }
  // Slots without their slot 0 are a damaged frontend: nothing can be chosen through it.
  return parsed(
    new Map(
      [...seen].flatMap(([key, { master, count, slots }]): [FrontendKey, MapFrontend][] =>
        master ? [[key, { selectable: count ?? slots }]] : [],
      ),
    ),
  );
}

/** Without slot numbers: slot 0 alone has a count, or, where there are no backends, no backend's id. */
const isMasterOf = (counted: RegExpExecArray | null, value: string): boolean =>
  counted === null ? /^\s*0 /.test(value) : counted[2] !== '0' || counted[1] === '0';
