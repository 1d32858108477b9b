import { type BackendKey, parseBackend, parseFrontend } from '../../src/model/lb/keys.ts';
import { flagsOfWords } from '../../src/model/lb/lbFlags.ts';
import type { BackendState, LbTable } from '../../src/model/lb/LbTable.ts';
import { agentSlots } from '../../src/parse/lb/agentSlots.ts';
import { LbTableBuilder } from '../../src/parse/lb/LbTableBuilder.ts';

/**
 * Reads the agent's own frontends, before they go into the maps: `cilium-dbg shell -- db/show frontends`, the text
 * table or, with `-f json`, the stream of JSON objects. NodePorts stand there once, under the zero address. Total.
 */
export function parseFrontends(text: string): LbTable {
  return text.trimStart().startsWith('{') ? parseFrontendsJson(text) : parseFrontendsText(text);
}

interface AgentFrontend {
  readonly address: string;
  readonly type: string;
  readonly service: string;
  readonly status: string;
  readonly error: string;
  readonly redirectTo: string;
  readonly id: number;
  readonly backends: readonly { readonly key: BackendKey; readonly state: BackendState }[];
  readonly more: number;
}

function add(table: LbTableBuilder, { address, type, backends, id, ...agent }: AgentFrontend): boolean {
  const row = table.row(address, parseFrontend);
  if (row === undefined) return false;
  const { order, count } = agentSlots(backends);
  table.master(row, {
    id,
    flags: flagsOfWords([agent.redirectTo === '' ? type : 'LocalRedirect']),
    count,
    inactiveCount: order.length - count,
    affinityTimeout: undefined,
    algorithm: undefined,
    l7ProxyPort: undefined,
    agent,
  });
  for (const [at, key] of order.entries()) table.slot(row, at + 1, id, undefined, key);
  return true;
}

// ---- text ----------------------------------------------------------------------------------------------------------

/**
 * Cells stand below their headings; they are cut by the headings' columns, since cells may be empty and
 * may hold blanks.
 */
function parseFrontendsText(text: string): LbTable {
  const table = new LbTableBuilder();
  const lines = text.split('\n');
  const headingAt = lines.findIndex((line) => line.startsWith('Address'));
  if (headingAt === -1) {
    return table.finish(
      'frontendsTable',
      text.trim() === '' ? {} : { unreadable: 'db/show frontends printed no table' },
    );
  }
  const cells = cutter(lines[headingAt] ?? '');
  for (const line of lines.slice(headingAt + 1)) {
    if (line.trim() === '') continue;
    const cell = cells(line);
    const { backends, more, problem } = readBackends(cell('Backends'));
    const understood = add(table, {
      address: cell('Address'),
      type: cell('Type'),
      service: cell('ServiceName'),
      status: cell('Status'),
      error: cell('Error'),
      redirectTo: cell('RedirectTo'),
      id: 0,
      backends,
      more,
    });
    if (!understood || problem)
      table.notUnderstood(
        line,
        understood ? 'a backend is no address, port and known protocol' : 'no address, port and known protocol',
      );
  }
  return table.finish('frontendsTable', {});
}

/** Makes a reader of lines below this heading. */
function cutter(heading: string): (line: string) => (column: string) => string {
  const starts = [...heading.matchAll(/\S+/g)].map((match) => ({ name: match[0], at: match.index }));
  return (line) => (column) => {
    const index = starts.findIndex(({ name }) => name === column);
    const start = starts[index];
    return start === undefined ? '' : line.slice(start.at, starts[index + 1]?.at).trim();
  };
}

/** `10.244.0.7:53/UDP, 10.244.1.9:53/UDP + 3 more ...` */
function readBackends(cell: string): Pick<AgentFrontend, 'backends' | 'more'> & { readonly problem: boolean } {
  const cut = / ?\+ (\d{1,9}) more \.\.\.$/.exec(cell);
  const shown = cut === null ? cell : cell.slice(0, cut.index);
  const words = shown === '' ? [] : shown.split(', ');
  const keys = words.map((text) => parseBackend(text)?.key);
  // The text does not show states: all count as active here, and a reader must look at the counts of the maps instead.
  return {
    backends: keys.filter((key) => key !== undefined).map((key) => ({ key, state: 'active' })),
    more: Number(cut?.[1] ?? 0),
    problem: keys.includes(undefined),
  };
}

// ---- JSON stream ---------------------------------------------------------------------------------------------------

function parseFrontendsJson(text: string): LbTable {
  const table = new LbTableBuilder();
  for (const piece of jsonObjects(text)) {
    let value: unknown;
    try {
      value = JSON.parse(piece);
    } catch {
      table.notUnderstood(piece, 'cut off, or no JSON');
      continue;
    }
    if (!add(table, frontendOf(value))) table.notUnderstood(piece, 'no address, port and known protocol');
  }
  return table.finish('frontendsTable', {});
}

/** Cuts a stream of objects at the braces that are balanced outside of strings. One pass. */
function* jsonObjects(text: string): Generator<string> {
  let depth = 0;
  let start = -1;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      if (code === 92) i++;
      else if (code === 34) quoted = false;
    } else if (code === 34) {
      quoted = true;
    } else if (code === 123) {
      if (depth++ === 0) start = i;
    } else if (code === 125 && depth > 0 && --depth === 0) {
      yield text.slice(start, i + 1);
      start = -1;
    }
  }
  if (start !== -1) yield text.slice(start);
}

type Json = Readonly<Record<string, unknown>>;
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const word = (value: unknown): string => (typeof value === 'string' ? value : '');

function frontendOf(value: unknown): AgentFrontend {
  const row = object(value);
  const status = object(row['Status']);
  const list: unknown = row['Backends'];
  return {
    address: word(row['Address']),
    type: word(row['Type']),
    service: word(row['ServiceName']),
    status: word(status['kind']),
    error: word(status['error']),
    redirectTo: word(row['RedirectTo']),
    id: typeof row['ID'] === 'number' ? row['ID'] : 0,
    backends: (Array.isArray(list) ? list : []).flatMap((backend: unknown) => {
      const { Address, State, Unhealthy } = object(backend);
      const key = parseBackend(word(Address))?.key;
      return key === undefined ? [] : [{ key, state: Unhealthy === true ? 'quarantined' : stateOf(State) }];
    }),
    more: 0,
  };
}

/** Numbers above 1 changed their meaning with 1.19; none of them takes new connections. */
const stateOf = (state: unknown): BackendState =>
  state === 0 || state === undefined ? 'active' : state === 1 ? 'terminating' : 'inactive';
