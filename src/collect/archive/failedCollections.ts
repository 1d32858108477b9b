import { missing, type Missing } from '../../model/Fact.ts';
import { oneLine } from '../../text/visible.ts';
import type { ArchiveFiles } from './ArchiveFiles.ts';

/** What cilium-cli writes of its own run (sysdump/constants.go); since 0.13. */
const logOfCollector = 'cilium-sysdump.log';

/**
 * Which agents' collection failed, and how, by the name of the pod: the collector's own words at the end of its log
 * (sysdump.go, submitBugtoolTasks). Empty: it says nothing, or there is no log.
 */
export async function failedCollections(files: ArchiveFiles, root: string): Promise<ReadonlyMap<string, Missing>> {
  const name = `${root}${logOfCollector}`;
  if (!files.names.includes(name)) return new Map();
  const content = (await files.read(new Set([name]))).get(name);
  return failuresIn(content?.ok ? content.value.toString('utf8') : '');
}

/** What a program said at its end may be as long as it likes. */
const maxLine = 2000;

const failure =
  /failed to collect 'cilium-bugtool' output for "([^"\s]{1,253})"(?: in namespace "[^"\s]{1,63}")?: (.*)$/;

export function failuresIn(log: string): ReadonlyMap<string, Missing> {
  const failures = new Map<string, Missing>();
  for (const line of log.split('\n')) {
    const [, pod, said] = failure.exec(line.slice(0, maxLine)) ?? [];
    if (pod !== undefined && said !== undefined) failures.set(pod, whyOf(oneLine(said)));
  }
  return failures;
}

/** Commands of bugtool wait for the agent: one that hangs has it ended by whoever limits its time or its memory. */
function whyOf(said: string): Missing {
  if (/exit code 137\b/.test(said)) return missing('timeout', `cilium-bugtool was killed while it waited: ${said}`);
  return /deadline exceeded|timed? ?out|context canceled/i.test(said)
    ? missing('timeout', `cilium-bugtool did not end: ${said}`)
    : missing('unreachable', `cilium-bugtool failed: ${said}`);
}
