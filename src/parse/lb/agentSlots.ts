import type { BackendKey } from '../../model/lb/keys.ts';
import type { BackendState } from '../../model/lb/LbTable.ts';

/**
 * The slots that the agent makes of the backends of a frontend (pkg/loadbalancer/reconciler): active ones first;
 * terminating ones count only where none is active; those in maintenance get no slot.
 */
export function agentSlots(backends: readonly { readonly key: BackendKey; readonly state: BackendState }[]): {
  readonly order: readonly BackendKey[];
  readonly count: number;
} {
  const inState = (...wanted: readonly BackendState[]): readonly BackendKey[] =>
    backends.filter(({ state }) => wanted.includes(state)).map(({ key }) => key);
  const active = inState('active');
  const terminating = inState('terminating');
  const rest = inState('terminating-not-serving', 'quarantined', 'inactive');
  return { order: [...active, ...terminating, ...rest], count: active.length > 0 ? active.length : terminating.length };
}
