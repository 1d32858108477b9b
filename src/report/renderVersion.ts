import { versionText } from '../text/versionText.ts';
import type { ToolVersionDocument } from './ToolVersionDocument.ts';

export const renderVersion = ({ tool, node, platform }: ToolVersionDocument): string =>
  `${versionText(tool.name, tool.version, node, platform)}\n`;
