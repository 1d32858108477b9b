import { isRecord } from '../../text/isRecord.ts';

/** By what an object is told from others of its list. Takes anything. */
export function namedAs(object: unknown): { readonly namespace: string; readonly key: string } {
  const metadata = isRecord(object) ? object['metadata'] : undefined;
  const { namespace = '', name } = isRecord(metadata) ? metadata : {};
  return { namespace: String(namespace), key: `${String(namespace)}/${String(name)}` };
}
