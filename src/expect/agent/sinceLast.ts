import { secondsBefore, type Since, sinceWhen } from '../../core/Since.ts';
import type { Past } from '../../model/NodeFacts.ts';

/** Of what was well at that time, by the agent's own words. @param takenAt RFC 3339 */
export function sinceLast(well: Past | undefined, takenAt: string): Since | undefined {
  if (well === undefined) return undefined;
  return 'at' in well ? sinceWhen(well.at, 'atMost') : secondsBefore(takenAt, well.secondsAgo, 'atMost');
}
