import type { ReportDocument } from '../ReportDocument.ts';
import { blocksOf } from './blocksOf.ts';
import { headlineOf } from './headlineOf.ts';
import type { Block, Outline } from './Outline.ts';
import { unknownGroupsOf } from './unknownGroupsOf.ts';

/** What a report says, with causes, effects and what is alike put together. */
export function outlineOf(report: ReportDocument): Outline {
  const blocks = blocksOf(report);
  const causes = blocks.filter((block) => !isNote(block));
  const notes = blocks.filter(isNote);
  return { headline: headlineOf(report, causes, notes), causes, notes, unknowns: unknownGroupsOf(report) };
}

const isNote = ({ severity, harm }: Block): boolean =>
  severity === 'info' || (severity === 'warning' && harm === 'note');
