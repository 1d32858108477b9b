import { parseJson } from '../../text/parseJson.ts';
import { readMapDump } from '../../parse/readMapDump.ts';
import { isReadSysctl, sysctlFile } from '../../knowledge/nodeCommands.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';

/**
 * What cilium-bugtool collects in another form than this program asks for, brought into that form, so that one parser
 * serves both. All functions take any text and never throw; undefined: the text does not have it.
 */

/** The status in the JSON that `cilium-dbg debuginfo` writes. */
export function asStatusJson(text: string): string | undefined {
  const status = fieldsOf(jsonOf(text))?.['cilium-status'];
  return fieldsOf(status) === undefined ? undefined : JSON.stringify(status);
}

/**
 * A table of `cilium-dbg statedb dump`, as `db/show -f json frontends` prints it: the same objects, one
 * after the other.
 */
export function asFrontendsStream(text: string): string | undefined {
  const rows = fieldsOf(jsonOf(text))?.['frontends'];
  if (!Array.isArray(rows) || !rows.every((row) => textOf(fieldsOf(row)?.['Address']) !== '')) return undefined;
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** Another table of it, printed as `db/show health` prints it. */
export const asHealthTable = (text: string): string | undefined =>
  table(text, 'health', ['Module', 'Component', 'Level', 'Message', 'Error', 'LastOK', 'UpdatedAt', 'Count'], (row) => {
    const id = fieldsOf(row['ID']);
    const module = pathOf(id?.['Module']);
    if (module === undefined || textOf(row['Level']) === '') return undefined;
    return [
      module,
      pathOf(id?.['Component']) ?? '',
      textOf(row['Level']),
      textOf(row['Message']),
      textOf(row['Error']),
      textOf(row['LastOK']),
      textOf(row['Updated']),
      textOf(row['Count']),
    ];
  });

/** The same for `db/show node-addresses`. */
export const asNodeAddressesTable = (text: string): string | undefined =>
  table(text, 'node-addresses', ['Address', 'NodePort', 'Primary', 'DeviceName'], (row) =>
    textOf(row['Addr']) === ''
      ? undefined
      : [textOf(row['Addr']), textOf(row['NodePort']), textOf(row['Primary']), textOf(row['DeviceName'])],
  );

/**
 * A table of `cilium-dbg bpf lb list` and its siblings as `-o json` prints it: an object from keys to lists of values.
 */
export function asMapJson(text: string): string {
  // JSON would hide that the last line was cut. Whoever parses it says so.
  if (!text.endsWith('\n')) return text;
  const [head = '', ...lines] = text.split('\n');
  if (/^SOURCE RANGE\b/.test(head)) {
    // Entries without a value; JSON has null there.
    const ranges = lines.map((line) => line.trim()).filter((line) => line !== '');
    return JSON.stringify(Object.fromEntries(ranges.map((range) => [range, null])));
  }
  const dump = readMapDump(text);
  // Whoever parses it says what is wrong with it.
  if (!dump.ok) return text;
  const map = new Map<string, string[]>();
  for (const { key, values } of dump.value) {
    const before = map.get(key);
    if (before === undefined) map.set(key, [...values]);
    else for (const value of values) before.push(value);
  }
  return JSON.stringify(Object.fromEntries(map));
}

/** The listening sockets of an `ss` that was asked for all and everything about them, as `ss -Hltn` prints them. */
export function asListeners(text: string): string | undefined {
  if (!/^(?:Netid\s+)?State\s/m.test(text)) return undefined;
  const lines = text.matchAll(/^(?:tcp\s+)?(LISTEN\s+\d+\s+\d+\s+\S+\s+\S+(?:[ \t]+users:\S+)?)/gm);
  return [...lines].map(([, line]) => `${line}\n`).join('');
}

/** Of `sysctl -a` (`NAME = VALUE`) what is of interest, as `grep -H '^'` prints the files: `FILE:VALUE`. */
export function asSysctlFiles(text: string): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const at = line.indexOf(' = ');
      const name = line.slice(0, Math.max(0, at)).trim();
      return isReadSysctl(name) ? [`${sysctlFile(name)}:${line.slice(at + 3)}\n`] : [];
    })
    .join('');
}

/** Metrics of which somebody has picked some, and left out the end of the last line: its value is whole. */
export const asMetrics = (text: string): string => (/ \d+\.\d{6}$/.test(text.slice(-40)) ? `${text}\n` : text);

function table(
  text: string,
  name: string,
  header: readonly string[],
  cellsOf: (row: JsonObject) => readonly string[] | undefined,
): string | undefined {
  const rows = fieldsOf(jsonOf(text))?.[name];
  if (!Array.isArray(rows)) return undefined;
  const cells = rows.map((row: unknown) => cellsOf(fieldsOf(row) ?? {}));
  const known = cells.filter((row) => row !== undefined);
  // Rows of a shape that is not known: an incomplete table would say that the others are not there.
  if (known.length < rows.length) return undefined;
  const lines = [header, ...known];
  const widths = header.map((_, column) =>
    lines.reduce((width, line) => Math.max(width, line[column]?.length ?? 0), 0),
  );
  return lines.map((line) => `${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}\n`).join('');
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const fieldsOf = (value: unknown): JsonObject | undefined => (isRecord(value) ? value : undefined);

/** In a table's cell: one line. */
const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? value.replaceAll(/\s+/g, ' ').trim()
    : typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';

const pathOf = (value: unknown): string | undefined =>
  Array.isArray(value) && value.every((part) => typeof part === 'string') ? value.join('.') : undefined;
