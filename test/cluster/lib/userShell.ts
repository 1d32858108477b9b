import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Bed } from './Bed.ts';

const root = join(import.meta.dirname, '..', '..', '..');
export const bedHome = process.env['KPR_BED_HOME'] ?? join(homedir(), '.cache', 'kpr-bed');

/** A user's environment: kubectl, Helm and the plugin on the PATH. @param folder where the plugin's name is put */
export function userShell(bed: Bed, folder: string): NodeJS.ProcessEnv {
  const programs = join(folder, '.programs');
  mkdirSync(programs, { recursive: true });
  const plugin = join(programs, 'kubectl-kpr');
  writeFileSync(plugin, `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin', 'kubectl-kpr.ts')}' "$@"\n`);
  chmodSync(plugin, 0o755);
  return {
    ...process.env,
    PATH: [programs, join(bedHome, 'bin'), process.env['PATH'] ?? ''].join(delimiter),
    KUBECONFIG: bed.kubeconfig,
    COLUMNS: '200',
  };
}
