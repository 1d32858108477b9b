import { KprError } from '../../core/KprError.ts';
import type { RawDocument } from '../../model/raw.ts';
import type { ClusterPort } from '../ClusterPort.ts';
import type { CollectPlan } from '../RawSource.ts';

/** Without an answer to the simplest question of all there is nothing to examine, and nothing to conclude. */
export function failUnlessReachable(port: ClusterPort, version: RawDocument): void {
  if (!('missing' in version) || version.missing === 'forbidden' || version.missing === 'notCollected') return;
  throw new KprError(
    `The API server ${port.server} (context ${port.contextName}) can't be asked: ${version.detail}.`,
    `Try \`${port.kubectl} version\`; another context: --context NAME, another file: --kubeconfig FILE.`,
  );
}

/**
 * An API server whose etcd is gone still tells its version, and nothing else: then nothing is known about any node,
 * which must not be reported as if it were theirs.
 */
export function failUnlessListing(port: ClusterPort, lists: readonly RawDocument[]): void {
  const failures = lists.filter((list) => 'missing' in list);
  const [first] = failures;
  const isServers = failures.every(({ missing: reason }) => reason === 'unreachable' || reason === 'timeout');
  if (first === undefined || failures.length < lists.length || !isServers) return;
  throw new KprError(
    `The API server ${port.server} (context ${port.contextName}) answers, but lists no objects: ${first.detail}.`,
    `See what it lacks, mostly etcd: \`${port.kubectl} get --raw '/readyz?verbose'\`.`,
  );
}

/** A run that is ended so early knows no node from another: there is nothing to report. */
export function failWithoutNodes({ signal }: CollectPlan, lists: readonly RawDocument[]): void {
  if (signal?.aborted === true && lists.some((list) => 'missing' in list))
    throw new KprError('The run was ended before it was known which nodes there are', 'Give it more time');
}
