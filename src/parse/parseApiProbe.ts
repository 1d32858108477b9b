import type { ApiProbe } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf } from './text.ts';

/** One line: `host=<v> port=<v> resolved=<ip,ip|-> connect=<open|refused|timeout|unresolved|failed> detail=<rest>`. */
export function parseApiProbe(text: string): Parsed<ApiProbe> {
  const found = /^host=(\S*) port=(\S*) resolved=(\S*) connect=(\w+) detail=(.*)$/m.exec(text.trimEnd());
  const [, host = '', port = '', resolved = '', word = '', detail = ''] = found ?? [];
  const connect = connectOf(word);
  if (found === null || connect === undefined) return unparsed(`no line of the probe: ${excerptOf(text)}`);
  return parsed({
    host,
    port,
    resolved: resolved === '-' ? [] : resolved.split(',').filter((address) => address !== ''),
    connect,
    detail: excerptOf(detail),
  });
}

function connectOf(word: string): ApiProbe['connect'] | undefined {
  switch (word) {
    case 'open':
    case 'refused':
    case 'timeout':
    case 'unresolved':
    case 'failed':
      return word;
    default:
      return undefined;
  }
}
