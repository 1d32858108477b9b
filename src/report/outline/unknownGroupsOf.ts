import { withoutOwn } from '../../text/withoutOwn.ts';
import type { ReportDocument, UnknownReport } from '../ReportDocument.ts';
import type { UnknownCause, UnknownGroup } from './Outline.ts';

interface Gathered {
  readonly why: UnknownCause;
  readonly checks: Set<string>;
  readonly details: Map<string, Set<string>>;
}

/** What could not be judged, by what has to change so that it can be. */
export function unknownGroupsOf({ checks, findings, source }: ReportDocument): readonly UnknownGroup[] {
  const codeOf = new Map(findings.map(({ check, code }) => [check, code]));
  const causeOf = ({ blockedBy, reason }: UnknownReport): UnknownCause => {
    const code = blockedBy === null ? undefined : codeOf.get(blockedBy);
    if (code !== undefined) return { kind: 'finding', code };
    return source.kind === 'sysdump' && reason === 'notCollected' ? { kind: 'sysdump' } : { kind: 'reason', reason };
  };
  const groups = new Map<string, Gathered>();
  for (const { id, unknown } of checks) {
    for (const one of unknown) {
      const why = causeOf(one);
      const key = JSON.stringify(why);
      const group = groups.get(key) ?? { why, checks: new Set(), details: new Map() };
      groups.set(key, group.checks.add(id) && group);
      const detail = one.node === null ? one.detail : withoutOwn(one.detail, [one.node]);
      const nodes = group.details.get(detail) ?? new Set();
      group.details.set(detail, one.node === null ? nodes : nodes.add(one.node));
    }
  }
  return [...groups.values()].map(({ why, checks, details }) => ({
    why,
    checks: [...checks],
    details: [...details].map(([text, nodes]) => ({ text, nodes: [...nodes] })),
  }));
}
