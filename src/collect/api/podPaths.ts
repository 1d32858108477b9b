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

export function podPath(target: ExecTarget): string {
  return `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/pods/${encodeURIComponent(target.pod)}`;
}
