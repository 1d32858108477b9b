import type { ConnectFrom } from '../app/tryConnections.ts';
import { usageError } from '../core/KprError.ts';
import { type TraceSource, traceSources } from '../expect/trace/traceWay.ts';

/** Where a traced connection begins, and the pod that was named for it. */
export interface TraceOrigin {
  readonly source: TraceSource;
  readonly pod: (ConnectFrom & { readonly kind: 'pod' }) | undefined;
}

/** `pod`, `node`, `external` or `pod:NAMESPACE/NAME`. Throws KprError for anything else. */
export function parseTraceOrigin(typed: unknown, flag: string): TraceOrigin {
  const source = traceSources.find((one) => one === typed);
  if (source !== undefined) return { source, pod: undefined };
  const pod = typeof typed === 'string' ? podIn(typed) : undefined;
  if (pod !== undefined) return { source: 'pod', pod };
  throw usageError(
    `--${flag} cannot be ${JSON.stringify(typed)}; it is one of ${traceSources.join(', ')}, pod:NAMESPACE/NAME`,
  );
}

/** `pod:NAMESPACE/NAME`; undefined: it is nothing like that. */
export function podIn(text: string): TraceOrigin['pod'] {
  const [, namespace, name] = /^pod:([^/\s]+)\/([^/\s]+)$/.exec(text) ?? [];
  return namespace === undefined || name === undefined ? undefined : { kind: 'pod', namespace, name };
}
