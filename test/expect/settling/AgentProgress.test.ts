import { describe, expect, test } from 'vitest';
import { agentProgressOf, type AgentSeen } from '../../../src/expect/settling/AgentProgress.ts';
import { isKnown, known } from '../../../src/model/Fact.ts';
import type { AgentStatus } from '../../../src/model/NodeFacts.ts';
import type { AgentPod } from '../../../src/model/Snapshot.ts';
import { aMissing } from '../../support/aSnapshot.ts';
import { healthyNode } from '../../support/healthy.ts';

const { facts, agent } = healthyNode('n1', 1);
if (!isKnown(facts.status) || agent === undefined) throw new Error('the healthy node has both');
const status: AgentStatus = facts.status.value;
const pod = (changes: Partial<AgentPod>): AgentPod => ({ ...agent, startedAt: '2026-11-21T09:59:30Z', ...changes });
const waitsFor = (...names: readonly string[]) => known(names, '');

const kindOf = (changes: Partial<AgentSeen>): string =>
  agentProgressOf(
    {
      agent: pod({}),
      status: known(status, ''),
      pendingInitializers: waitsFor(),
      lost: undefined,
      refused: undefined,
      ...changes,
    },
    '2026-11-21T10:00:00Z',
  ).kind;

describe('how far an agent is since its start', () => {
  test.each<[string, Partial<AgentSeen>, string]>([
    ['it has listed everything', {}, 'synchronised'],
    ['it waits', { pendingInitializers: waitsFor('k8s-pods') }, 'starting'],
    ['nobody knows', { pendingInitializers: aMissing('notCollected') }, 'starting'],
    ['before 1.18 it answers when it has', { pendingInitializers: aMissing('absent') }, 'synchronised'],
    ['its calls fail', { lost: { by: 'status', detail: 'refused' } }, 'hindered'],
    ['it waits for what it may not list', { refused: 5, pendingInitializers: waitsFor('k8s-slices') }, 'hindered'],
    ['it was refused until its role was there', { refused: 5 }, 'synchronised'],
    ['it started 2 minutes ago', { agent: pod({ startedAt: '2026-11-21T09:58:00Z' }) }, 'noExcuse'],
    ['it starts in the future, by its clock', { agent: pod({ startedAt: '2026-11-21T10:00:30Z' }) }, 'noExcuse'],
    ['nobody knows when it started', { agent: pod({ startedAt: undefined }) }, 'noExcuse'],
    ['it does not answer: nothing gets better by waiting', { status: aMissing('timeout') }, 'noExcuse'],
  ])('%s', (_, changes, expected) => {
    expect(kindOf(changes)).toBe(expected);
  });

  test.each<[string, Partial<AgentPod>, string]>([
    ['once', { restarts: 1, lastEnd: '2026-11-21T09:59:20Z' }, 'starting'],
    ['again and again', { restarts: 2, lastEnd: '2026-11-21T09:59:20Z' }, 'hindered'],
    ['again and again, an hour ago', { restarts: 5, lastEnd: '2026-11-21T08:59:20Z' }, 'starting'],
    ['again and again, nobody knows when', { restarts: 5 }, 'starting'],
  ])('its container ended %s', (_, changes, expected) => {
    expect(kindOf({ agent: pod(changes), pendingInitializers: waitsFor('k8s-pods') })).toBe(expected);
  });
});
