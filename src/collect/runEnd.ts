import { leftInArchive, type Missing, missing, timeWasUp } from '../model/Fact.ts';

/** The reason of a run's signal where its time was up; without it, somebody interrupted the run. */
export class TimeIsUp extends Error {
  constructor() {
    super(timeWasUp);
  }
}

export const noTime = missing('timeout', `not asked: ${timeWasUp}`);
const interrupted = missing('notCollected', 'interrupted');
export const unanswered: Missing = { ...missing('timeout', `no answer before ${timeWasUp}`), unheard: true };

const isTimeUp = (signal: AbortSignal | undefined): boolean => signal?.reason instanceof TimeIsUp;

/** Why something was not asked, once the run was ended. */
export const whyUnasked = (signal: AbortSignal | undefined): Missing => (isTimeUp(signal) ? noTime : interrupted);

/** Why something that stands in an archive was not read, once the run was ended. */
export const whyLeft = (signal: AbortSignal | undefined): Missing =>
  isTimeUp(signal)
    ? missing('timeout', `${leftInArchive}: ${timeWasUp}`)
    : missing('notCollected', `${leftInArchive}: interrupted`);

/** Why nothing came of what was asked. */
export const whyUnanswered = (signal: AbortSignal | undefined): Missing =>
  isTimeUp(signal) ? unanswered : interrupted;
