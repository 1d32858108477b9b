import type { ConnectFrom } from '../app/tryConnections.ts';
import { usageError } from '../core/KprError.ts';
import type { Given } from './Flag.ts';
import type { connectFlags, sourceFlags } from './flags.ts';

/** From where connections are tried; undefined: nobody asked for any. Throws KprError for what makes no sense. */
export function connectFrom({
  connect,
  source,
  from,
}: Given<typeof connectFlags> & Pick<Given<typeof sourceFlags>, 'from'>): readonly ConnectFrom[] | undefined {
  if (!connect) {
    if (source.length === 0) return undefined;
    throw usageError('--source says from where --connect opens connections', 'Add --connect, or leave --source out');
  }
  if (from !== undefined)
    throw usageError('--connect and --from exclude each other: a file opens no connections', 'Leave one of them out');
  return source.length === 0 ? [{ kind: 'node' }] : source.map(parseOrigin);
}

function parseOrigin(text: string): ConnectFrom {
  if (text === 'node' || text === 'here') return { kind: text };
  const [, namespace, name] = /^pod:([^/\s]+)\/([^/\s]+)$/.exec(text) ?? [];
  if (namespace !== undefined && name !== undefined) return { kind: 'pod', namespace, name };
  throw usageError(`--source ${text} is no place`, 'Write node, here, or pod:NAMESPACE/NAME');
}
