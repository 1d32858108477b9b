import * as v from 'valibot';
import type { RememberedFinding } from '../core/knownFindings.ts';

export interface FindingsBaseline {
  /** RFC 3339: when the cluster was read. */
  readonly takenAt: string;
  readonly findings: readonly RememberedFinding[];
}

const object = v.object({ kind: v.string(), namespace: v.exactOptional(v.string()), name: v.string() });
const baseline = v.object({
  takenAt: v.string(),
  findings: v.array(
    v.object({
      code: v.string(),
      variant: v.string(),
      severity: v.picklist(['error', 'warning', 'info']),
      nodes: v.array(v.string()),
      objects: v.array(object),
    }),
  ),
});

/** What --save-baseline wrote, or a report of `-o json`. undefined: it is neither. */
export function parseFindingsBaseline(document: unknown): FindingsBaseline | undefined {
  const parsed = v.safeParse(baseline, document);
  return parsed.success ? parsed.output : undefined;
}
