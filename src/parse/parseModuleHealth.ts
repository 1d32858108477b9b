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
  return { module, component: row.cell('Component'), level, message: row.cell('Message'), error: row.cell('Error') };
}

/** Message and error can't be told apart without the columns; a level that is not OK has an error. */
function pushed({ filled }: TableRow): ModuleHealth | undefined {
  const [module = '', component = '', word = '', ...rest] = filled;
  const level = levelOf(word);
  if (level === undefined) return undefined;
  const firstTime = rest.findIndex((cell) => /^\d{4}-\d\d-\d\dT/.test(cell));
  const said = rest.slice(0, firstTime === -1 ? undefined : firstTime);
  const [message = '', ...error] = said;
  return { module, component, level, message, error: error.join(' ') };
}

const continued = (last: ModuleHealth, line: string): ModuleHealth =>
  last.error === '' && last.level === 'OK'
    ? { ...last, message: `${last.message} ${line}` }
    : { ...last, error: `${last.error} ${line}`.trim() };

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
