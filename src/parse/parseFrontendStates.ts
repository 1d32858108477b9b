import type { FrontendState } from '../model/NodeFacts.ts';
import { objectIn, readJsonStream, textIn } from './json.ts';
import { parseFrontend } from '../model/lb/keys.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { readTable, type TableRow } from './readTable.ts';
import { secondsOf } from './secondsOf.ts';
import { excerptOf } from './text.ts';

/** `cilium-dbg shell -- db/show frontends`: the table, or the stream of objects that `-f json` gives. */
export function parseFrontendStates(text: string): Parsed<readonly FrontendState[]> {
  return text.trimStart().startsWith('{') ? fromStream(text) : fromTable(text);
}

/** Kinds of a row's reconciliation (cilium/statedb: reconciler/types.go). */
const status = /^(?:Done|Pending|Refreshing|Error)$/;

function fromTable(text: string): Parsed<readonly FrontendState[]> {
  const table = readTable(text, ['Address', 'Type', 'ServiceName', 'Status', 'Error']);
  if (!table.ok) return table;
  const states: FrontendState[] = [];
  for (const row of table.value) {
    const state = aligned(row) ?? pushed(row);
    const last = states.at(-1);
    if (state !== undefined) states.push(state);
    // An error of several lines breaks its row.
    else if (last?.status === 'Error')
      states[states.length - 1] = { ...last, error: `${last.error} ${row.line.trim()}` };
    else return unparsed(`a row of the frontends table: ${excerptOf(row.line)}`);
  }
  return parsed(states);
}

function aligned(row: TableRow): FrontendState | undefined {
  const frontend = parseFrontend(row.cell('Address'))?.key;
  if (frontend === undefined || !status.test(row.cell('Status'))) return undefined;
  return {
    frontend,
    type: row.cell('Type'),
    service: row.cell('ServiceName'),
    status: row.cell('Status'),
    forSeconds: secondsOf(row.cell('Since')),
    error: row.cell('Error'),
  };
}

function pushed({ filled }: TableRow): FrontendState | undefined {
  const [address = '', type = '', service = ''] = filled;
  const at = filled.findIndex((cell, i) => i > 2 && status.test(cell));
  const frontend = parseFrontend(address)?.key;
  if (at === -1 || frontend === undefined) return undefined;
  return {
    frontend,
    type,
    service,
    status: filled[at] ?? '',
    forSeconds: secondsOf(filled[at + 1] ?? ''),
    error: filled.slice(at + 2).join(' '),
  };
}

function fromStream(text: string): Parsed<readonly FrontendState[]> {
  const objects = readJsonStream(text);
  if (objects === undefined) return unparsed(`no stream of JSON objects: ${excerptOf(text)}`);
  const states: FrontendState[] = [];
  for (const [at, object] of objects.entries()) {
    const frontend = parseFrontend(textIn(object['Address']))?.key;
    if (frontend === undefined) return unparsed(`object ${at + 1} has no Address of a frontend`);
    const { kind, error } = objectIn(object['Status']);
    states.push({
      frontend,
      type: textIn(object['Type']),
      service: textIn(object['ServiceName']),
      status: textIn(kind),
      forSeconds: undefined,
      error: textIn(error),
    });
  }
  return parsed(states);
}
