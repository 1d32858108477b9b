import type { ClusterPort } from '../../collect/ClusterPort.ts';
import { indexAnnotation, jobNameLabel, shardContainer } from '../../knowledge/jobNames.ts';
import { maxTextBytes } from '../../collect/shard/shardText.ts';
import { KprError } from '../../core/KprError.ts';
import type { JsonObject } from '../../text/isRecord.ts';
import { oneLine } from '../../text/visible.ts';
import { recordOf, type ShardJob } from './shardJob.ts';
import type { GivenShards } from './mergeShards.ts';
import type { ShardLog } from './wholeReadings.ts';

/**
 * What the pods of a Job left in their logs: of each shard that of the pod that succeeded, and why there is none.
 * Throws KprError where they cannot be listed.
 */
export async function jobLogs(
  port: ClusterPort,
  namespace: string,
  name: string,
  { uid, of }: ShardJob,
): Promise<GivenShards> {
  const pods = await port.list(`/api/v1/namespaces/${namespace}/pods`, {
    query: { labelSelector: `${jobNameLabel}=${name}` },
  });
  if (!pods.ok)
    throw new KprError(
      `The pods of the Job ${namespace}/${name} cannot be listed: ${pods.why.detail}`,
      'Give the logs of its pods as files',
    );
  const byIndex = Map.groupBy(
    pods.value.map(podOf).filter(({ owner }) => owner === uid),
    ({ index }) => index,
  );
  const logs: ShardLog[] = [];
  const failed = new Map<number, string>();
  for (let index = 0; index < of; index++) {
    const own = byIndex.get(index) ?? [];
    const done = own.find(({ phase }) => phase === 'Succeeded');
    if (done === undefined) {
      failed.set(index, whyFailed(own));
      continue;
    }
    const log = await port.get(
      `/api/v1/namespaces/${namespace}/pods/${done.name}/log?container=${shardContainer}&limitBytes=${2 * maxTextBytes}`,
    );
    if (log.ok && typeof log.value === 'string') logs.push({ name: `pod ${done.name}`, text: log.value });
    else failed.set(index, `the log of ${done.name} cannot be read${log.ok ? '' : `: ${log.why.detail}`}`);
  }
  return {
    logs,
    failed,
    of,
    run: uid,
    origin: { kind: 'live', context: port.contextName, server: port.server, kubectl: port.kubectl },
    kubectl: port.kubectl,
  };
}

interface ShardPod {
  readonly name: string;
  readonly index: number;
  readonly phase: string;
  readonly owner: unknown;
  /** RFC 3339. */
  readonly created: string;
  readonly ended: string;
}

function podOf(pod: unknown): ShardPod {
  const [metadata, status] = [recordOf(recordOf(pod)['metadata']), recordOf(recordOf(pod)['status'])];
  const [annotations, owners] = [recordOf(metadata['annotations']), metadata['ownerReferences']];
  const index = annotations[indexAnnotation];
  return {
    name: String(metadata['name']),
    index: typeof index === 'string' && /^\d{1,6}$/.test(index) ? Number(index) : -1,
    phase: String(status['phase']),
    created: String(metadata['creationTimestamp']),
    owner: Array.isArray(owners) ? recordOf(owners[0])['uid'] : undefined,
    ended: endOf(status),
  };
}

/** In the words of the API: `OOMKilled, exit code 137`. */
function endOf({ reason, message, containerStatuses }: JsonObject): string {
  const first: unknown = Array.isArray(containerStatuses) ? containerStatuses[0] : undefined;
  const state = recordOf(recordOf(first)['state']);
  const [terminated, waiting] = [recordOf(state['terminated']), recordOf(state['waiting'])];
  const code = terminated['exitCode'] === undefined ? undefined : `exit code ${Number(terminated['exitCode'])}`;
  const words = [
    reason,
    message,
    terminated['reason'],
    terminated['message'],
    waiting['reason'],
    waiting['message'],
    code,
  ];
  return oneLine(words.filter((one): one is string => typeof one === 'string' && one !== '').join(', '), 160);
}

function whyFailed(pods: readonly ShardPod[]): string {
  const last = pods.toSorted((a, b) => (a.created < b.created ? -1 : 1)).at(-1);
  if (last === undefined) return 'it has no pod any more';
  const times = pods.filter(({ phase }) => phase === 'Failed').length;
  const said = last.ended === '' ? '' : ` (${last.name}: ${last.ended})`;
  return times === 0
    ? `its pod did not run to its end${said}`
    : `it failed ${times === 1 ? 'once' : `${times} times`}${said}`;
}
