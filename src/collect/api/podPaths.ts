import type { ExecTarget } from '../ClusterPort.ts';

/** A last line of defence for memory: the log of one container, in bytes. */
export const LOG_LIMIT_BYTES = 4 * 1024 * 1024;

const podPath = (target: ExecTarget): string =>
  `/api/v1/namespaces/${encodeURIComponent(target.namespace)}/pods/${encodeURIComponent(target.pod)}`;

export const logPath = (target: ExecTarget, options: { tailLines: number; previous?: boolean }): string => {
  const query = new URLSearchParams({
    container: target.container,
    tailLines: String(options.tailLines),
    limitBytes: String(LOG_LIMIT_BYTES),
    ...(options.previous ? { previous: 'true' } : {}),
  });
  return `${podPath(target)}/log?${query.toString()}`;
};

export const execPath = (target: ExecTarget, command: readonly string[], stdin = false): string => {
  const query = new URLSearchParams({
    container: target.container,
    ...(stdin ? { stdin: 'true' } : {}),
    stdout: 'true',
    stderr: 'true',
  });
  for (const word of command) query.append('command', word);
  return `${podPath(target)}/exec?${query.toString()}`;
};
