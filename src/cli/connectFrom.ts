import type { ConnectFrom } from '../app/tryConnections.ts';
import { usageError } from '../core/KprError.ts';
import type { Given } from './Flag.ts';
import type { connectFlags, sourceFlags, traceFlags } from './flags.ts';
import { podIn } from './parseTraceOrigin.ts';

/** From where connections are tried; undefined: nobody asked for any. Throws KprError for what makes no sense. */
export function connectFrom({
  connect,
  source,
  from,
  'probe-pod': probePod,
}: Given<typeof connectFlags> & Pick<Given<typeof sourceFlags>, 'from'>): readonly ConnectFrom[] | undefined {
  if (!connect) {
    if (probePod) throw probePodNeedsConnect();
    if (source.length === 0) return undefined;
    throw usageError('--source says from where --connect opens connections', 'Add --connect, or leave --source out');
  }
  if (from !== undefined) throw connectNeedsCluster();
  const named = source.map(parseOrigin);
  if (probePod) return [...named, { kind: 'probePod' }];
  return named.length === 0 ? [{ kind: 'node' }] : named;
}

const probePodNeedsConnect = (): Error =>
  usageError(
    '--probe-pod creates pods from which --connect opens connections',
    'Add --connect, or leave --probe-pod out',
  );

const connectNeedsCluster = (): Error =>
  usageError('--connect and --from exclude each other: a file opens no connections', 'Leave one of them out');

function parseOrigin(text: string): ConnectFrom {
  if (text === 'node' || text === 'here') return { kind: text };
  const pod = podIn(text);
  if (pod !== undefined) return pod;
  throw usageError(`--source ${text} is no place`, 'Write node, here, or pod:NAMESPACE/NAME');
}

/**
 * From where `trace` opens connections; undefined: nobody asked for any. In place of a pod that nobody named, it is the
 * node on which such pods are, unless one may be made. Throws KprError for what makes no sense.
 */
export function traceConnectFrom({
  connect,
  source,
  from,
  'probe-pod': probePod,
}: Pick<Given<typeof traceFlags & typeof sourceFlags>, 'connect' | 'source' | 'from' | 'probe-pod'>):
  | ConnectFrom
  | undefined {
  if (!connect) {
    if (probePod) throw probePodNeedsConnect();
    if (source.pod === undefined) return undefined;
    throw usageError('--source pod:NAMESPACE/NAME says from where --connect opens connections', 'Add --connect');
  }
  if (from !== undefined) throw connectNeedsCluster();
  if (probePod && (source.source !== 'pod' || source.pod !== undefined))
    throw usageError('--probe-pod creates the pods from which connections are opened', 'Leave --source out');
  if (probePod) return { kind: 'probePod' };
  return source.pod ?? { kind: source.source === 'external' ? 'here' : 'node' };
}
