import { existsSync } from 'node:fs';
import { KprError } from '../../core/KprError.ts';
import { oneLine } from '../../text/visible.ts';
import { kubectlArgs } from '../api/kubectlFlags.ts';
import type { ConnectedPort, ConnectionFlags, Env } from '../ConnectionFlags.ts';
import { chooseContext } from '../live/chooseContext.ts';
import { inClusterKubeconfig } from '../live/inClusterKubeconfig.ts';
import { parseKubeconfig } from '../live/parseKubeconfig.ts';
import { readSmallFile } from '../readSmallFile.ts';
import { KubectlPort, notInstalled } from './KubectlPort.ts';
import { runKubectl } from './runKubectl.ts';

const configTimeoutMs = 15_000;

/**
 * The cluster that the kubectl on PATH reaches with these flags. kubectl tells which that is; the cluster itself is not
 * spoken to yet. Rejects with a KprError if there is no kubectl, no kubeconfig or no such context.
 */
export async function connectKubectl(flags: ConnectionFlags, env: Env): Promise<ConnectedPort> {
  if (flags.kubeconfig && !existsSync(flags.kubeconfig)) {
    throw new KprError(`There is no kubeconfig ${flags.kubeconfig}`, 'Give an existing file to --kubeconfig');
  }
  const run = await runKubectl(['config', 'view', '--output=json', ...kubectlArgs(flags)], {
    env,
    timeoutMs: configTimeoutMs,
    maxBytes: 64 * 1024 * 1024,
    signals: [],
  });
  if (run.end === 'notStarted') throw notInstalled(run.error);
  if (run.end !== 'exited' || run.exitCode !== 0) {
    const why = run.end === 'timeout' ? `nothing within ${configTimeoutMs / 1000} s` : oneLine(run.stderr) || run.end;
    throw new KprError(`kubectl config view says: ${why}`, 'Correct the kubeconfig, or the flags');
  }
  // kubectl has merged the files already; relative paths in what it prints are of no interest here.
  const named = flags.kubeconfig || env['KUBECONFIG'] || '~/.kube/config';
  const loaded = { kubeconfig: parseKubeconfig(run.stdout, named), files: [named], lookedFor: [named] };
  const inCluster = inClusterKubeconfig({ env, readFile: (path) => readSmallFile(path) });
  const { contextName, context, cluster } = chooseContext(flags, loaded, inCluster);
  // Somebody may choose another current context while this runs.
  const pinned = loaded.kubeconfig.contexts.has(contextName) ? { ...flags, context: contextName } : flags;
  return new KubectlPort(flags, kubectlArgs(pinned), env, {
    contextName,
    namespace: flags.namespace || context.namespace || 'default',
    server: flags.server || cluster.server,
  });
}
