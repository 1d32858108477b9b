import { dumpKinds, tablesOf } from '../../changes/compareNode.ts';
import { iptablesLines } from '../../changes/iptablesLines.ts';
import { isKnown } from '../../model/Fact.ts';
import type { Snapshot } from '../../model/Snapshot.ts';
import type { Style } from '../../text/Style.ts';
import { visible } from '../../text/visible.ts';
import { unifiedPatch } from './unifiedPatch.ts';

/**
 * The rules of both readings as one patch, a file for each node, backend and family (`before/n1/iptables-nft-save`):
 * rules as iptables-save prints them, chains sorted, without counters and what does nothing. Only what both readings
 * have is in it.
 *
 * @param context lines around each change
 */
export function* renderUnified(
  before: Snapshot,
  after: Snapshot,
  nodes: readonly string[],
  context: number,
  style: Style,
): Generator<string> {
  const [earlier, later] = [before, after].map(
    (snapshot) => new Map(snapshot.nodes.map(({ name, facts }) => [name, facts])),
  );
  for (const node of nodes) {
    const [old, now] = [earlier?.get(node), later?.get(node)];
    if (old === undefined || now === undefined) continue;
    for (const { backend, family, command } of dumpKinds) {
      const [a, b] = [tablesOf(old, backend, family), tablesOf(now, backend, family)];
      if (!isKnown(a) || !isKnown(b)) continue;
      const sides = {
        oldName: `before/${node}/${command}`,
        newName: `after/${node}/${command}`,
        oldTime: before.takenAt,
        newTime: after.takenAt,
      };
      const patch = unifiedPatch(iptablesLines(a.value), iptablesLines(b.value), sides, context);
      if (patch !== '') yield painted(patch, style);
    }
  }
}

const painted = (patch: string, { paint }: Style): string =>
  patch
    .split('\n')
    .map((line) => {
      // The tab between the name of a file and its time belongs to the format.
      const safe = visible(line.replace('\t', tab)).replace(tab, '\t');
      if (line.startsWith('---') || line.startsWith('+++')) return paint.bold(safe);
      if (line.startsWith('@@')) return paint.info(safe);
      if (line.startsWith('-')) return paint.error(safe);
      return line.startsWith('+') ? paint.ok(safe) : safe;
    })
    .join('\n');

/** Stands for a tab: not a character that is made visible, and none of iptables'. */
const tab = '\u{e000}';
