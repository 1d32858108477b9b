/** What is known of single keys of `cilium-config`, where comparing them needs to know it. */

/** Read by the operator only: agents get them written into their directory, too, but have no such option. */
const operatorOnly: ReadonlySet<string> = new Set([
  'cilium-endpoint-gc-interval',
  'cilium-pod-labels',
  'cilium-pod-namespace',
  'identity-gc-interval',
  'identity-heartbeat-timeout',
  'nodes-gc-interval',
  'remove-cilium-node-taints',
  'set-cilium-is-up-condition',
  'set-cilium-node-taints',
  'synchronize-k8s-nodes',
  'unmanaged-pod-watcher-interval',
]);
export const isOperatorOnly = (key: string): boolean => operatorOnly.has(key) || key.startsWith('operator-');

/** Agents follow these while they run (cilium: the callers of dynamicconfig.WatchKey). */
export const followedKeys: ReadonlySet<string> = new Set(['dynamic-lifecycle-config', 'subnet-topology']);

/** Written by the agent's init container itself (cilium: pkg/option/resolver). */
export const resolverKeys: ReadonlySet<string> = new Set(['config-sources', 'config-sources-overrides']);

/** Values of such keys are never printed. */
export const looksSecret = (key: string): boolean =>
  /secret|password|passwd|token|credential|private|hash-seed|(^|-)key($|-(?!file|path|duration|id))/i.test(key);
