import type { FrontendState } from '../model/NodeFacts.ts';
import { objectIn, readJsonStream, textIn } from './json.ts';
import { parseEndpoint } from './lb/parseEndpoint.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { readTable, type TableRow } from './readTable.ts';
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

const aligned = (row: TableRow): FrontendState | undefined =>
  parseEndpoint(row.cell('Address')) === undefined || !status.test(row.cell('Status'))
    ? undefined
    : {
        frontend: row.cell('Address'),
        type: row.cell('Type'),
        service: row.cell('ServiceName'),
        status: row.cell('Status'),
        error: row.cell('Error'),
      };

function pushed({ filled }: TableRow): FrontendState | undefined {
  const [frontend = '', type = '', service = ''] = filled;
  const at = filled.findIndex((cell, i) => i > 2 && status.test(cell));
  if (at === -1 || parseEndpoint(frontend) === undefined) return undefined;
  return { frontend, type, service, status: filled[at] ?? '', error: filled.slice(at + 2).join(' ') };
}

function fromStream(text: string): Parsed<readonly FrontendState[]> {
  const objects = readJsonStream(text);
  if (objects === undefined) return unparsed(`no stream of JSON objects: ${excerptOf(text)}`);
  const states = objects.map((object) => {
    const { kind, error } = objectIn(object['Status']);
    return {
      frontend: textIn(object['Address']),
      type: textIn(object['Type']),
      service: textIn(object['ServiceName']),
      status: textIn(kind),
      error: textIn(error),
    };
  });
  const odd = states.findIndex(({ frontend }) => parseEndpoint(frontend) === undefined);
  return odd === -1 ? parsed(states) : unparsed(`object ${odd + 1} has no Address of a frontend`);
}
