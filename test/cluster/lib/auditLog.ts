import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bed } from './Bed.ts';

/** A request as an API server of the bed has written it down (audit_policy in control-plane.sh). */
interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly objectRef?: { readonly namespace?: string; readonly resource?: string; readonly subresource?: string };
}

/** What kubectl-kpr has asked the API servers of a bed so far. Throws where there is no log: that is no silence. */
export function askedByKpr(bed: Bed): readonly AuditEvent[] {
  const folder = join(dirname(bed.kubeconfig), 'run');
  const logs = globSync('audit-*.log', { cwd: folder });
  if (logs.length === 0) throw new Error(`no audit log in ${folder}`);
  return logs
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line.includes('"kubectl-kpr/'))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ userAgent }) => userAgent?.startsWith('kubectl-kpr/'));
}

const reading: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** Requests that may change something: all but reading ones, and execs, which are `create` since Kubernetes 1.35. */
export const writesOf = (events: readonly AuditEvent[]): readonly string[] =>
  events
    .filter(({ verb, objectRef }) => !reading.has(verb) && objectRef?.subresource !== 'exec')
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);

/** Into which namespaces kubectl-kpr has run something. */
export const execNamespaces = (events: readonly AuditEvent[]): readonly string[] => [
  ...new Set(events.flatMap(({ objectRef }) => (objectRef?.subresource === 'exec' ? [objectRef.namespace ?? ''] : []))),
];
