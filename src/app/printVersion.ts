import { schemaVersion, toolName } from '../report/DocumentHead.ts';
import type { Format } from '../report/formats.ts';
import type { VersionDocument } from '../report/VersionDocument.ts';
import { nodeVersion, platform, toolVersion } from '../terminal/tool.ts';
import type { Context } from './Context.ts';
import { print, type SpeechOptions, viewOf } from './print.ts';

export interface VersionOptions extends SpeechOptions {
  readonly format: Format<VersionDocument>;
}

export async function printVersion(options: VersionOptions, { io }: Context): Promise<number> {
  const document: VersionDocument = {
    schemaVersion,
    tool: { name: toolName, version: toolVersion },
    command: 'version',
    node: nodeVersion,
    platform,
  };
  await print(document, options.format, viewOf(options, io), io);
  return 0;
}
