import { schemaVersion, toolName } from '../report/DocumentHead.ts';
import type { Format } from '../report/formats.ts';
import type { ToolVersionDocument } from '../report/ToolVersionDocument.ts';
import { nodeVersion, platform, toolVersion } from '../terminal/tool.ts';
import type { Context } from './Context.ts';
import { print, type SpeechOptions, viewOf } from './print.ts';

export interface VersionOptions extends SpeechOptions {
  readonly format: Format<ToolVersionDocument>;
}

export async function printVersion(options: VersionOptions, { io }: Context): Promise<number> {
  const document: ToolVersionDocument = {
    schemaVersion,
    tool: { name: toolName, version: toolVersion },
    command: 'version',
    node: nodeVersion,
    platform,
  };
  await print(document, options.format, viewOf(options, io), io);
  return 0;
}
