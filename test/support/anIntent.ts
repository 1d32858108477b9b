import type { Change, Intent } from '../../src/model/Intent.ts';

/** With a capture at hand that tells of both nodes. */
export const anIntent = (change: Change, more: Partial<Intent> = {}): Intent => ({
  change,
  capture: { file: 'before.kpr', takenAt: '2026-11-21T09:00:00Z', nodes: { all: 2, served: 2 } },
  toVersion: undefined,
  ...more,
});
