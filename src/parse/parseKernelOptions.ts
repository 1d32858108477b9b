import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/** Lines of the kernel’s configuration, `CONFIG_NAME=y` or `m`; what is not set has none. CONFIG_INET always is. */
export function parseKernelOptions(text: string): Parsed<ReadonlyMap<string, string>> {
  const options = new Map<string, string>();
  for (const line of linesOf(text)) {
    if (line.trim() === '') continue;
    const [, name, value] = /^(CONFIG_[A-Z0-9_]{1,80})=([ym])$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return unparsed(`a line of its configuration: ${excerptOf(line)}`);
    options.set(name, value);
  }
  return options.size > 0 ? parsed(options) : unparsed('it shows not even that it has a network');
}
