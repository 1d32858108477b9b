import { parseVersion } from '../knowledge/version.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf } from './text.ts';

/** The release of `uname -r`, or of `uname -a`. */
export function parseKernel(text: string): Parsed<string> {
  const words = text.trim().split(/\s+/);
  const release = words[0] === 'Linux' ? words[2] : words[0];
  return release !== undefined && parseVersion(release) !== undefined
    ? parsed(release)
    : unparsed(text.trim() === '' ? 'nothing was printed' : `no kernel release: ${excerptOf(text)}`);
}
