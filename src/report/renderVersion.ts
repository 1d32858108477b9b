import { versionText } from '../text/versionText.ts';
import type { VersionDocument } from './VersionDocument.ts';

export const renderVersion = ({ tool, node, platform }: VersionDocument): string =>
  `${versionText(tool.name, tool.version, node, platform)}\n`;
