import type { ModuleHealth } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { readTable, type TableRow } from './readTable.ts';
import { excerptOf } from './text.ts';

/** `cilium-dbg shell -- db/show health`. */
export function parseModuleHealth(text: string): Parsed<readonly ModuleHealth[]> {
  const table = readTable(text, ['Module', 'Component', 'Level', 'Message', 'Error']);
  if (!table.ok) return table;
  const modules: ModuleHealth[] = [];
  for (const row of table.value) {
    const health = aligned(row) ?? pushed(row);
    const last = modules.at(-1);
    if (health !== undefined) modules.push(health);
    // A message or an error of several lines breaks its row.
    else if (last !== undefined) modules[modules.length - 1] = continued(last, row.line.trim());
    else return unparsed(`a row of the health table: ${excerptOf(row.line)}`);
  }
  return parsed(modules);
}

function aligned(row: TableRow): ModuleHealth | undefined {
  const level = levelOf(row.cell('Level'));
  const module = row.cell('Module');
  if (level === undefined || module === '') return undefined;
  const [component, message, error] = [row.cell('Component'), row.cell('Message'), row.cell('Error')];
  return { module, component, level, message, error, lastOk: lastOkOf(level, row.cell('LastOK')) };
}

/** Message and error can't be told apart without the columns; a level that is not OK has an error. */
function pushed({ filled }: TableRow): ModuleHealth | undefined {
  const [module = '', component = '', word = '', ...rest] = filled;
  const level = levelOf(word);
  if (level === undefined) return undefined;
  const firstTime = rest.findIndex((cell) => isTime.test(cell));
  const said = rest.slice(0, firstTime === -1 ? undefined : firstTime);
  const [message = '', ...error] = said;
  return { module, component, level, message, error: error.join(' '), lastOk: lastOkOf(level, rest[firstTime]) };
}

function continued(last: ModuleHealth, line: string): ModuleHealth {
  // The times stand behind the last line.
  const cells = line.split(/ {2,}/);
  const [time, updated = '', count = ''] = cells.slice(-3);
  const isLast = isTime.test(updated) && /^\d+$/.test(count);
  const words = isLast ? cells.slice(0, -3).join('   ') : line;
  const lastOk = last.lastOk ?? (isLast ? lastOkOf(last.level, time) : undefined);
  return last.error === '' && last.level === 'OK'
    ? { ...last, lastOk, message: `${last.message} ${words}` }
    : { ...last, lastOk, error: `${last.error} ${words}`.trim() };
}

/** What never was is the first day of Go's calendar. Of what is OK, nodes have nothing but this of their own. */
const lastOkOf = (level: ModuleHealth['level'], text: string | undefined): string | undefined =>
  level !== 'OK' && text !== undefined && isTime.test(text) && !text.startsWith('0001-') ? text : undefined;

const isTime = /^\d{4}-\d\d-\d\dT/;

function levelOf(word: string): ModuleHealth['level'] | undefined {
  switch (word) {
    case 'OK':
    case 'Degraded':
    case 'Stopped':
    case 'Unknown':
      return word;
    default:
      return undefined;
  }
}
