import type { RawSettings } from '../model/RawSettings.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/**
 * `grep -H '' *` in the directory that the agent's init container wrote: `key:line`, a line for each line of a value.
 * An empty value has no line, so its key is not there; the agent reads both alike.
 */
export function parseStartedConfig(text: string): Parsed<RawSettings> {
  const config = new Map<string, string>();
  for (const line of linesOf(text)) {
    if (line === '') continue;
    // What a key of a ConfigMap may be made of.
    const [, key, value = ''] = /^([-._a-zA-Z0-9]+):([^]*)$/.exec(line) ?? [];
    if (key === undefined) return unparsed(`a line of the configuration: ${excerptOf(line)}`);
    const before = config.get(key);
    config.set(key, before === undefined ? value : `${before}\n${value}`);
  }
  return config.size === 0 ? unparsed('nothing was printed') : parsed({ byKey: config });
}
