import { runnableAmong } from '../core/Phase.ts';
import type { CheckListing, ChecksDocument } from '../report/ChecksDocument.ts';
import { schemaVersion, toolName } from '../report/DocumentHead.ts';
import type { Format } from '../report/formats.ts';
import { toolVersion } from '../terminal/tool.ts';
import type { Context } from './Context.ts';
import { print, type SpeechOptions, viewOf } from './print.ts';

export interface CheckListOptions extends SpeechOptions {
  readonly format: Format<ChecksDocument>;
}

/** The rule book, for `--check` and `--skip`. */
export async function listChecks(options: CheckListOptions, { io, loaders }: Context): Promise<number> {
  const all = await loaders.checks();
  const checks = all.flatMap(({ id, title, area, phases: every, codes }): CheckListing[] => {
    const phases = runnableAmong(every);
    return phases.length === 0 ? [] : [{ id, title, area, phases, codes }];
  });
  const document: ChecksDocument = {
    schemaVersion,
    tool: { name: toolName, version: toolVersion },
    command: 'checks',
    summary: { checks: checks.length, codes: new Set(checks.flatMap(({ codes }) => codes)).size },
    checks,
  };
  await print(document, options.format, viewOf(options, io), io);
  return 0;
}
