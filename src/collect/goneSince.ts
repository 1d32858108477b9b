import { meanwhile, missing, type Missing } from '../model/Fact.ts';
import { isRecord } from '../text/isRecord.ts';
import { orAborted } from './api/withDeadline.ts';
import { podPath } from './api/podPaths.ts';
import type { Answer, ClusterPort, ExecOutcome, ExecTarget } from './ClusterPort.ts';
import { isKilled } from './execEnds.ts';

/** Who waits longer for it may as well take the failure for what it seems. */
const patienceMs = 5_000;

/**
 * Why nothing came of an exec, where somebody took away what was asked: in a cluster of many nodes some come and go
 * while others are read, and that is no fault of theirs. undefined: all is there, or nobody says.
 */
export async function goneSince(
  port: ClusterPort,
  { node, target }: { readonly node: string; readonly target: ExecTarget },
  outcome: ExecOutcome,
  signal: AbortSignal | undefined,
): Promise<Missing | undefined> {
  if (!mayBeGone(outcome) || signal?.aborted === true) return undefined;
  const nodePath = `/api/v1/nodes/${encodeURIComponent(node)}`;
  const answers = await patiently(Promise.all([port.get(nodePath), port.get(podPath(target))]), signal);
  if (answers === undefined) return undefined;
  const [ofNode, ofPod] = answers;
  if (isAbsent(ofNode)) return missing('notCollected', `the node was removed from the cluster ${meanwhile}`);
  return isAbsent(ofPod) || isEnding(ofPod) ? podDeleted : undefined;
}

/**
 * That a pod is deleted, or about to be: what it does fails for that reason, whatever else is right. undefined: it is
 * there, or nobody says.
 */
export async function podGone(
  port: ClusterPort,
  target: ExecTarget,
  signal: AbortSignal | undefined,
): Promise<Missing | undefined> {
  const ofPod = await patiently(port.get(podPath(target)), signal);
  return ofPod !== undefined && (isAbsent(ofPod) || isEnding(ofPod)) ? podDeleted : undefined;
}

const podDeleted = missing('notCollected', `the pod that was asked was deleted, as in a rollout, ${meanwhile}`);

async function patiently<T>(asked: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  const ends = AbortSignal.any([AbortSignal.timeout(patienceMs), ...(signal === undefined ? [] : [signal])]);
  return orAborted(asked, ends).catch(() => undefined);
}

function mayBeGone(outcome: ExecOutcome): boolean {
  switch (outcome.end) {
    case 'exited':
      return isKilled(outcome);
    case 'refused':
      return outcome.httpStatus === 404 || outcome.httpStatus >= 500;
    case 'aborted':
    case 'tooLarge':
      return false;
    case 'dropped':
    case 'failed':
    case 'timeout':
    case 'unreachable':
      return true;
  }
}

const isAbsent = (answer: Answer<unknown>): boolean => !answer.ok && answer.why.missing === 'absent';

function isEnding(answer: Answer<unknown>): boolean {
  const pod = answer.ok && isRecord(answer.value) ? answer.value : {};
  return isRecord(pod['metadata']) && pod['metadata']['deletionTimestamp'] !== undefined;
}
