import type { Branch } from '../releases.ts';
import type { ChartTable, FormerKeys } from './ChartTable.ts';

const tables: Readonly<Record<Branch, () => Promise<{ readonly default: unknown }>>> = {
  '1.16': async () => import('./1.16.json', { with: { type: 'json' } }),
  '1.17': async () => import('./1.17.json', { with: { type: 'json' } }),
  '1.18': async () => import('./1.18.json', { with: { type: 'json' } }),
  '1.19': async () => import('./1.19.json', { with: { type: 'json' } }),
  '1.20': async () => import('./1.20.json', { with: { type: 'json' } }),
};

/** What is known of a branch’s chart. Some hundred kilobytes, so it is read when it is asked for. */
export const chartOf = async (branch: Branch): Promise<ChartTable> => (await tables[branch]()).default as ChartTable;

export const formerKeys = async (): Promise<FormerKeys> =>
  (await import('./formerKeys.json', { with: { type: 'json' } })).default;
