import { isKnown, type Fact, valueOf } from '../../model/Fact.ts';
import type { AgentStatus } from '../../model/NodeFacts.ts';
import type { AgentPod } from '../../model/Snapshot.ts';
import type { LostApiServer } from '../api-server/lostApiServer.ts';
import { secondsSince } from './apiChanges.ts';

/** How far an agent is since its start: whether a difference may go away because it is not done yet. */
export type AgentProgress =
  /** It does not answer, has long been up, or nobody knows when it began: nothing gets better by waiting. */
  | { readonly kind: 'noExcuse' }
  /** It began just now, and has all that it lists of the API. */
  | { readonly kind: 'synchronised'; readonly ageSeconds: number }
  /** It began just now; undefined: what it still waits for is not known. */
  | { readonly kind: 'starting'; readonly ageSeconds: number; readonly waitsFor: readonly string[] | undefined }
  /** It began just now, and does not get on. */
  | { readonly kind: 'hindered'; readonly ageSeconds: number; readonly why: string };

/**
 * An agent waits up to a minute for all that it lists (`lb-init-wait-timeout`) before it corrects what it found in the
 * maps, and prunes afterwards.
 */
export const startSeconds = 120;

/** A container that ended that often since its pod was made, and last so many seconds ago, ends again. */
const restartsThatCount = 2;
const restartSeconds = 600;

export interface AgentSeen {
  readonly agent: AgentPod | undefined;
  readonly status: Fact<AgentStatus>;
  readonly pendingInitializers: Fact<readonly string[]>;
  readonly lost: LostApiServer | undefined;
  /** Calls that the API server refused since it began; undefined: no more than at any start. */
  readonly refused: number | undefined;
}

/** @param takenAt when it was seen, RFC 3339 */
export function agentProgressOf(
  { agent, status, pendingInitializers, lost, refused }: AgentSeen,
  takenAt: string,
): AgentProgress {
  const ageSeconds = secondsSince(agent?.startedAt, takenAt);
  // Clocks of two machines differ: a start in the future says nothing.
  if (!isKnown(status) || ageSeconds === undefined || ageSeconds < 0 || ageSeconds >= startSeconds)
    return { kind: 'noExcuse' };
  const why = lost
    ? `the agent’s calls of the API server fail (${lost.detail})`
    : (refusalsOf(refused, pendingInitializers) ?? restartsOf(agent, takenAt));
  if (why !== undefined) return { kind: 'hindered', ageSeconds, why };
  return isSynchronised(pendingInitializers)
    ? { kind: 'synchronised', ageSeconds }
    : { kind: 'starting', ageSeconds, waitsFor: valueOf(pendingInitializers) };
}

/** Before 1.18 an agent has no such tables, and answers when it has listed everything (daemon.go, waitForCacheSync). */
const isSynchronised = (pending: Fact<readonly string[]>): boolean =>
  isKnown(pending) ? pending.value.length === 0 : pending.missing === 'absent';

/** It lists again and again what it has no right to, in whatever pod it is started anew. */
function refusalsOf(refused: number | undefined, pending: Fact<readonly string[]>): string | undefined {
  const waitsFor = valueOf(pending) ?? [];
  if (refused === undefined || waitsFor.length === 0) return undefined;
  return `the API server refused ${refused} calls of the agent, which waits for ${waitsFor.join(', ')}`;
}

function restartsOf(agent: AgentPod | undefined, takenAt: string): string | undefined {
  if (agent === undefined || agent.restarts < restartsThatCount) return undefined;
  const since = secondsSince(agent.lastEnd, takenAt);
  return since !== undefined && since < restartSeconds
    ? `the agent’s container was started again ${agent.restarts} times, last ${Math.round(since)} s before`
    : undefined;
}
