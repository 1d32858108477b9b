import type { ExecTarget } from '../ClusterPort.ts';

export function execPath(target: ExecTarget, command: readonly string[], stdin = false): string {
  const query = new URLSearchParams({
    container: target.container,
    ...(stdin ? { stdin: 'true' } : {}),
    stdout: 'true',
    stderr: 'true',
  });
  for (const word of command) query.append('command', word);
  return `${podPath(target)}/exec?${query.toString()}`;
}

const podPath = (target: ExecTarget): string =>
  `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/pods/${encodeURIComponent(target.pod)}`;
