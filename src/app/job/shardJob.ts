import type { ClusterPort } from '../../collect/ClusterPort.ts';
import { KprError } from '../../core/KprError.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';

/** Kubernetes has no Indexed Job of more. */
const mostShards = 100_000;

/** What the API says of a Job of shards. */
export interface ShardJob {
  readonly uid: string;
  readonly of: number;
  readonly succeeded: number;
  /** Complete, or failed for good. */
  readonly hasEnded: boolean;
}

export type ReadJob =
  | { readonly ok: true; readonly job: ShardJob }
  /** `mayPass`: nobody answered; it may be there all the same. */
  | { readonly ok: false; readonly error: KprError; readonly mayPass: boolean };

export async function shardJob(port: ClusterPort, namespace: string, name: string): Promise<ReadJob> {
  const answer = await port.get(`/apis/batch/v1/namespaces/${namespace}/jobs/${name}`);
  if (!answer.ok)
    return {
      ok: false,
      mayPass: answer.why.missing === 'timeout' || answer.why.missing === 'unreachable',
      error: new KprError(
        `The Job ${namespace}/${name} cannot be read: ${answer.why.detail}`,
        answer.why.missing === 'forbidden'
          ? 'Whoever may read it can give you the logs of its pods, which merge takes as files'
          : 'Name its namespace with --job-namespace, or give the logs of its pods as files',
      ),
    };
  const job = recordOf(answer.value);
  const [metadata, spec, status] = [recordOf(job['metadata']), recordOf(job['spec']), recordOf(job['status'])];
  const of = Number(spec['completions'] ?? 0);
  if (!Number.isInteger(of) || of < 1 || of > mostShards)
    return {
      ok: false,
      mayPass: false,
      error: new KprError(`${namespace}/${name} is no Job of shards`, 'Name the one that kubectl kpr job made'),
    };
  const conditions: readonly unknown[] = Array.isArray(status['conditions']) ? status['conditions'] : [];
  const hasEnded = conditions
    .map(recordOf)
    .some(({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True');
  const [uid, succeeded] = [String(metadata['uid']), Number(status['succeeded'] ?? 0)];
  return { ok: true, job: { uid, of, succeeded, hasEnded } };
}

export const recordOf = (value: unknown): JsonObject => (isRecord(value) ? value : {});
