import type { ReportDocument, UnknownReport } from '../ReportDocument.ts';
import type { UnknownCause, UnknownGroup } from './Outline.ts';
import { detailsOf } from './reasonsOf.ts';

interface Gathered {
  readonly why: UnknownCause;
  readonly checks: Set<string>;
  readonly unknown: UnknownReport[];
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
      const group = groups.get(key) ?? { why, checks: new Set(), unknown: [] };
      groups.set(key, group.checks.add(id) && group);
      group.unknown.push(one);
    }
  }
  return [...groups.values()].map(({ why, checks, unknown }) => ({
    why,
    checks: [...checks],
    details: detailsOf(unknown),
  }));
}
